/* Time that passes, for what waits, measures or tells how long. */
#ifndef FR_BASE_CLOCK_H
#define FR_BASE_CLOCK_H

/* Seconds of a clock that only goes forward, from a moment that nobody knows. */
double fr_clock_seconds(void);
/* Seconds that this process's threads have worked, all together. */
double fr_clock_cpu_seconds(void);

#endif
