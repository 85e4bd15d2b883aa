/* What a result depends on beside the program: the processor, what of it the engine uses, the
 * engine's build. For provenance and `fluidrep doctor`. */
#ifndef FR_MODEL_MACHINE_H
#define FR_MODEL_MACHINE_H

#include <stdbool.h>

struct fr_machine {
    char system[160];    /* "Linux 6.1.0 x86_64" */
    char processor[96];  /* "AMD EPYC", "" where the system does not tell */
    char engine[64];     /* "llama.cpp 0.5.0" */
    char build[64];      /* the commit the engine was built from, "" where it does not tell */
    char features[320];  /* what the engine uses, by its own names: "AVX2 FMA OPENMP" */
    int n_cores;         /* online */
    double memory_bytes; /* all of it */
};
void fr_machine_look(struct fr_machine *out);

/* Is it this processor that a proof of scripts/setup (llama.sh: llama_proves) was made on? The
 * file's first line says what was proved, the second names the processor, the third its features;
 * *what (of 128 bytes) is that first line. */
enum fr_machine_proof { FR_PROOF_MISSING, FR_PROOF_ELSEWHERE, FR_PROOF_HERE };
enum fr_machine_proof fr_machine_proof(const char *path, char what[128]);

#endif
