/* Ranks by MPI, where there is one: a module beside the program, fluidrep-mpi.so, is opened when
 * the program was started by mpirun. Without the module, or without libmpi, nothing is missed until
 * then, and a start by mpirun is refused: as many programs would run the same study. */
#ifndef FR_WORK_MPI_H
#define FR_WORK_MPI_H

#include "work/ranks.h"

/* *out is NULL when it was started alone. FR_E_CONFLICT when it was not and there is no MPI for
 * that. Before the engine's first call: from then on a rank sees its share of the machine's CUDA
 * devices only. */
FR_CHECKED int fr_mpi_open(struct fr_ranks **out, struct fr_error *err);
/* Which MPI there is, "Open MPI v4.1.4"; false: none, and *out says why. */
bool fr_mpi_describe(char *out, size_t n);

/* Which of a list of devices ("0,1,2,3") are a rank's, of so many on this machine: as many for each
 * as there are for all, else one in turn. */
void fr_mpi_share(const char *list, int local_rank, int local_size, struct fr_text *out);

/* Of the module. */
int fluidrep_mpi_open(struct fr_transport *out);
void fluidrep_mpi_version(char *out, size_t n);

#endif
