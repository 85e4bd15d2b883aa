/* libfluidrep, all of it: docs/library.md has recipes. */
#ifndef FLUIDREP_FLUIDREP_H
#define FLUIDREP_FLUIDREP_H

#include "error.h"
#include "model.h"
#include "planning.h"
#include "statistics.h"
#include "vectors.h"

#endif
