/* What llama.cpp's interpreter of Jinja would print otherwise than jinja2 does, without a word:
 * lists, dictionaries, none and functions, of which it writes the parts or nothing, and numbers of
 * more digits than it writes. A template that prints one, or joins one to a text with "~", is
 * refused when it does; so is one that adds a text to what is none, or asks for a part of what is
 * undefined, errors in jinja2. A text has letters, counted from its end too, not bytes. */
#ifndef FR_MODEL_CHAT_CHECKS_HPP
#define FR_MODEL_CHAT_CHECKS_HPP

#include "jinja/runtime.h"

/* What the program prints, adds and takes apart is looked at from now on: it throws
 * std::runtime_error, "it prints a list ...". */
void fr_chat_check(jinja::program &program);

#endif
