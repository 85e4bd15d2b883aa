/* The checks of chat_checks.hpp, put into the program that the interpreter's parser made: a node
 * around every expression that stands for itself and around both sides of a "~". Rejected: to write
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

void check(jinja::statement *node) {
    for (jinja::statement_ptr *slot : body_of(node)) {
        check(slot->get());
        if (jinja::is_stmt<jinja::expression>(*slot) &&
            !jinja::is_stmt<jinja::string_literal>(*slot))
            wrap(*slot);
    }
    for (jinja::statement_ptr *slot : parts_of(node))
        check(slot->get());
    auto *binary = dynamic_cast<jinja::binary_expression *>(node);
    if (binary != nullptr && binary->op.value == "~") {
        wrap(binary->left);
        wrap(binary->right);
    }
}

} // namespace

void fr_chat_check(jinja::program &program) { check(&program); }
