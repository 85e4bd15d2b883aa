/* One line on standard error before the program dies by a signal, and exit status 1. */
#ifndef FR_CLI_LAST_WORDS_H
#define FR_CLI_LAST_WORDS_H

/* For SIGILL, SIGSEGV, SIGBUS, SIGFPE and SIGABRT, each where no handler is there yet (a
 * sanitizer's stays). */
void fr_last_words_install(void);
/* They say which rank is dying. */
void fr_last_words_set_rank(int rank);

#endif
