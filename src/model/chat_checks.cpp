/* The checks of chat_checks.hpp, put into the program that the interpreter's parser made: a node
 * around every expression that stands for itself and around both sides of a "~", and in the place
 * of every "+" and every part of a whole. Rejected: to write
 * Python's forms here, for no template of a published model needs them; to check what is printed
 * afterwards, when a list is its parts. */
#include "model/chat_checks.hpp"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using slots = std::vector<jinja::statement_ptr *>;

/* Python writes the shortest digits that give the number again, and not always so many of them. */
bool is_written_the_same(const jinja::value &number) {
    const double x = number->as_float(), size = std::fabs(x);
    return std::strtod(number->as_string().str().c_str(), nullptr) == x && size < 1e16 &&
           (size >= 1e-4 || size == 0);
}

/* nullptr: both write it the same. */
const char *differs(const jinja::value &it) {
    if (jinja::is_val<jinja::value_string>(it) || jinja::is_val<jinja::value_int>(it) ||
        jinja::is_val<jinja::value_bool>(it) || jinja::is_val<jinja::value_undefined>(it))
        return nullptr;
    if (jinja::is_val<jinja::value_float>(it))
        return is_written_the_same(it) ? nullptr : "a number of many digits";
    return jinja::is_val<jinja::value_array>(it)    ? "a list"
           : jinja::is_val<jinja::value_object>(it) ? "a dictionary"
           : it->is_none()                          ? "none"
                                                    : "a function";
}

struct printed : public jinja::expression {
    jinja::statement_ptr inner;
    explicit printed(jinja::statement_ptr &&take) : inner(std::move(take)) { pos = inner->pos; }
    jinja::value execute_impl(jinja::context &context) const override {
        jinja::value it = inner->execute(context);
        const char *what = differs(it);
        if (what != nullptr)
            throw std::runtime_error(std::string("it prints ") + what +
                                     ", which jinja2 writes in Python's way");
        return it;
    }
};

void add(slots &out, jinja::statement_ptr &one) {
    if (one != nullptr)
        out.push_back(&one);
}
void add(slots &out, jinja::statements &all) {
    for (jinja::statement_ptr &one : all)
        add(out, one);
}
template <class T, class... M> bool of(jinja::statement *node, slots &out, M T::*...members) {
    T *it = dynamic_cast<T *>(node);
    if (it != nullptr)
        (add(out, it->*members), ...);
    return it != nullptr;
}

/* What it writes: the statements between its tags. */
slots body_of(jinja::statement *it) {
    using namespace jinja;
    slots out;
    (void)(of(it, out, &program::body) ||
           of(it, out, &if_statement::body, &if_statement::alternate) ||
           of(it, out, &for_statement::body, &for_statement::default_block) ||
           of(it, out, &set_statement::body) || of(it, out, &macro_statement::body) ||
           of(it, out, &filter_statement::body) || of(it, out, &call_statement::body));
    return out;
}

/* What it computes with. */
slots parts_of(jinja::statement *it) {
    using namespace jinja;
    slots out;
    (void)(of(it, out, &if_statement::test) || of(it, out, &for_statement::iterable) ||
           of(it, out, &set_statement::val) || of(it, out, &macro_statement::args) ||
           of(it, out, &filter_statement::filter) || of(it, out, &call_statement::call) ||
           of(it, out, &member_expression::object, &member_expression::property) ||
           of(it, out, &call_expression::callee, &call_expression::args) ||
           of(it, out, &array_literal::val) || of(it, out, &tuple_literal::val) ||
           of(it, out, &binary_expression::left, &binary_expression::right) ||
           of(it, out, &filter_expression::operand, &filter_expression::filter) ||
           of(it, out, &select_expression::lhs, &select_expression::test) ||
           of(it, out, &test_expression::operand, &test_expression::test) ||
           of(it, out, &unary_expression::argument) ||
           of(it, out, &slice_expression::start_expr, &slice_expression::stop_expr,
              &slice_expression::step_expr) ||
           of(it, out, &keyword_argument_expression::val) ||
           of(it, out, &spread_expression::argument) ||
           of(it, out, &ternary_expression::condition, &ternary_expression::true_expr,
              &ternary_expression::false_expr));
    if (auto *object = dynamic_cast<object_literal *>(it))
        for (auto &[key, value] : object->val) {
            add(out, key);
            add(out, value);
        }
    return out;
}

void wrap(jinja::statement_ptr &slot) { slot = std::make_unique<printed>(std::move(slot)); }

/* ---- parts and sums -------------------------------------------------------------------------- */

/* What was computed already, as a node. */
struct constant : public jinja::expression {
    jinja::value it;
    explicit constant(jinja::value take) : it(std::move(take)) { pos = 0; }
    jinja::value execute_impl(jinja::context &) const override { return it; }
};
jinja::statement_ptr node_of(const jinja::value &it) { return std::make_unique<constant>(it); }

void must_be_defined(const jinja::value &it) {
    if (it->is_undefined())
        throw std::runtime_error("it asks for a part of what is undefined, an error in jinja2");
}

bool is_ascii(const std::string &text) {
    for (const char c : text)
        if ((c & 0x80) != 0)
            return false;
    return true;
}

/* Whose part is asked for by a name, or a slice, which the interpreter cuts by bytes. */
struct whole : public jinja::expression {
    jinja::statement_ptr inner;
    bool sliced;
    whole(jinja::statement_ptr &&take, bool is_sliced) : inner(std::move(take)), sliced(is_sliced) {
        pos = inner->pos;
    }
    jinja::value execute_impl(jinja::context &context) const override {
        jinja::value it = inner->execute(context);
        must_be_defined(it);
        if (sliced && jinja::is_val<jinja::value_string>(it) && !is_ascii(it->as_string().str()))
            throw std::runtime_error("it cuts a text that is not ASCII");
        return it;
    }
};

/* The letter of a text, from its end for a negative index; undefined where there is none. */
jinja::value letter_of(const std::string &text, int64_t index) {
    std::vector<std::string> letters;
    for (const char c : text)
        if ((c & 0xC0) == 0x80 && !letters.empty())
            letters.back() += c;
        else
            letters.emplace_back(1, c);
    const auto n = static_cast<int64_t>(letters.size());
    if (index < 0)
        index += n;
    if (index < 0 || index >= n)
        return jinja::mk_val<jinja::value_undefined>("letter");
    return jinja::mk_val<jinja::value_string>(letters[static_cast<size_t>(index)]);
}

void must_be_public(const std::string &name) {
    if (name.rfind("__", 0) == 0)
        throw std::runtime_error("it asks for " + name + ", which jinja2 keeps to itself");
}

/* "object[property]" */
struct indexed : public jinja::member_expression {
    explicit indexed(jinja::member_expression &it)
        : member_expression(std::move(it.object), std::move(it.property), true) {
        pos = it.pos;
    }
    jinja::value execute_impl(jinja::context &context) const override {
        const jinja::value it = object->execute(context);
        const jinja::value which = property->execute(context);
        must_be_defined(it);
        if (jinja::is_val<jinja::value_string>(which))
            must_be_public(which->as_string().str());
        if (jinja::is_val<jinja::value_string>(it) && jinja::is_val<jinja::value_int>(which))
            return letter_of(it->as_string().str(), which->as_int());
        return jinja::member_expression(node_of(it), node_of(which), true).execute(context);
    }
};

/* "left + right": the interpreter takes all that is added to a text for text. */
struct sum : public jinja::binary_expression {
    explicit sum(jinja::binary_expression &it)
        : binary_expression(it.op, std::move(it.left), std::move(it.right)) {
        pos = it.pos;
    }
    jinja::value execute_impl(jinja::context &context) const override {
        const jinja::value a = left->execute(context), b = right->execute(context);
        if (jinja::is_val<jinja::value_string>(a) != jinja::is_val<jinja::value_string>(b))
            throw std::runtime_error("it adds a text and what is none, an error in jinja2");
        return jinja::binary_expression(op, node_of(a), node_of(b)).execute(context);
    }
};

void replace(jinja::statement_ptr &slot) {
    if (auto *binary = dynamic_cast<jinja::binary_expression *>(slot.get())) {
        if (binary->op.value == "+")
            slot = std::make_unique<sum>(*binary);
        return;
    }
    auto *member = dynamic_cast<jinja::member_expression *>(slot.get());
    if (member == nullptr)
        return;
    const bool sliced = jinja::is_stmt<jinja::slice_expression>(member->property);
    if (member->computed && !sliced) {
        slot = std::make_unique<indexed>(*member);
        return;
    }
    member->object = std::make_unique<whole>(std::move(member->object), sliced);
    if (auto *name = dynamic_cast<jinja::identifier *>(member->property.get()))
        if (!sliced)
            must_be_public(name->val);
}

void check(jinja::statement *node) {
    for (jinja::statement_ptr *slot : body_of(node)) {
        check(slot->get());
        replace(*slot);
        if (jinja::is_stmt<jinja::expression>(*slot) &&
            !jinja::is_stmt<jinja::string_literal>(*slot))
            wrap(*slot);
    }
    for (jinja::statement_ptr *slot : parts_of(node)) {
        check(slot->get());
        replace(*slot);
    }
    auto *binary = dynamic_cast<jinja::binary_expression *>(node);
    if (binary != nullptr && binary->op.value == "~") {
        wrap(binary->left);
        wrap(binary->right);
    }
}

} // namespace

void fr_chat_check(jinja::program &program) { check(&program); }
