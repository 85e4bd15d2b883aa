/* What the tests of the organism's texts share: its task for a whole group. */
#ifndef FR_TESTS_TASK_FIXTURE_H
#define FR_TESTS_TASK_FIXTURE_H

#include "organism/task.h"

static struct fr_task *task;

static inline int open_task(void **state) {
    (void)state;
    struct fr_error err = {0};
    return fr_task_open(&task, &err);
}

static inline int close_task(void **state) {
    (void)state;
    fr_task_close(task);
    return 0;
}

#endif
