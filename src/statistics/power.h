/* What a design can find, before it is run (docs/power.md). */
#ifndef FR_STATISTICS_POWER_H
#define FR_STATISTICS_POWER_H

#include <stdint.h>

enum { FR_POWER_LEVELS = 8 };

/* Pairs of a verdict without and one with the edit. Shares, not percent. */
struct fr_design {
    int n_namings;          /* >= 1 */
    int n_puzzles;          /* of each naming, >= 1 */
    const double *accuracy; /* [N] without the edit */
    double churn;           /* share of pairs whose verdict changes for no reason, as many for the
                               better as for the worse; less where accuracy leaves no room */
    double spread;          /* standard deviation of a naming's own effect about the mean effect:
                               what shared vectors do to all its puzzles */
};

/* The tests of a table of effects, each looking for a gain; McNemar's two-sided p counts when more
 * was gained than lost. */
enum fr_power_test {
    FR_POWER_T,
    FR_POWER_FLIPS,
    FR_POWER_PAIRS,
    FR_POWER_MCNEMAR,
    FR_POWER_TEST_COUNT
};
extern const char *const fr_power_test_name[FR_POWER_TEST_COUNT]; /* "t over namings" ... */

struct fr_power {
    double effect; /* the mean effect that the studies were drawn from: what was asked for, less
                      what namings near 100% cannot gain */
    double found[FR_POWER_TEST_COUNT][FR_POWER_LEVELS]; /* share of studies with p <= the level */
};
/* levels: 0.05, or that over the hypotheses of a family, the hardest step of Holm's correction.
 * Fixed by the seed. Time is linear in the studies: some 0.1 ms each for 14 namings of 100. */
void fr_power_simulate(const struct fr_design *design, double effect, const double *levels,
                       int n_levels, int n_studies, uint64_t seed, struct fr_power *out);
/* The smallest effect that each test finds with the given power at each level, interpolated between
 * simulated effects 20% apart; NaN where even the largest possible effect is not found so often. */
void fr_power_detectable(const struct fr_design *design, double power, const double *levels,
                         int n_levels, int n_studies, uint64_t seed,
                         double detectable[FR_POWER_TEST_COUNT][FR_POWER_LEVELS]);

#endif
