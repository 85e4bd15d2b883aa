/* Figures of the paper; see paper.h. */
#include "analyses/paper.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *id, *word;
    double accuracy;
} table[] = {
    {"clean", "pick-up", 0.96}, {"1", "attack", 0.33},     {"2", "illuminate", 0.47},
    {"3", "tltezi", 0.65},      {"4", "swim", 0.25},       {"5", "whisper", 0.24},
    {"6", "decode", 0.26},      {"7", "explore", 0.19},    {"8", "harvest", 0.11},
    {"9", "construct", 0.25},   {"10", "plant", 0.05},     {"11", "prosecute", 0.14},
    {"12", "broadcast", 0.16},  {"13", "whisper", 0.48},   {"14", "question", 0.24},
    {"15", "summon", 0.34},     {"16", "open", 0.05},      {"17", "chop", 0.27},
    {"18", "release", 0.07},    {"19", "transcend", 0.33}, {"20", "flixate", 0.29},
};

double fr_paper_accuracy(const struct fr_naming *naming) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].id, naming->id) == 0 && strcmp(table[i].word, naming->words[0]) == 0)
            return table[i].accuracy;
    return NAN;
}
