/* Of a made-up study the tables that follow from the others' made-up numbers. */
#include "synthetic_study.h"

/* Of every matched condition what it has over the unedited run and over its controls, and the
 * verdicts of every condition. */
int fr_synthetic_contrasts(struct fr_store *store, struct fr_error *err) {
    const int code = fr_store_run(
        store, err,
        "INSERT INTO contrast SELECT m.experiment, m.name, o.other, o.position, k.n_namings,"
        " k.n_pairs, k.accuracy, o.accuracy, k.accuracy - o.accuracy, 0.02, 2, 0.04,"
        " k.accuracy - o.accuracy - 0.05, k.accuracy - o.accuracy + 0.05, 0.06, 9, 3, 0, 4"
        " FROM condition m JOIN edit e ON e.id = m.edit JOIN kept k ON k.experiment = m.experiment"
        " AND k.condition = m.name JOIN (SELECT experiment, condition, 'unedited' AS other, NULL AS"
        " beside, 0 AS position, baseline AS accuracy FROM kept UNION ALL SELECT c.experiment,"
        " NULL, d.control, replace(d.definition, 'control=' || d.control, 'control=none'),"
        " c.position, x.accuracy FROM condition c JOIN edit d ON d.id = c.edit JOIN kept x ON"
        " x.experiment = c.experiment AND x.condition = c.name WHERE c.role = 'control') o"
        " ON o.experiment = m.experiment AND coalesce(o.condition = m.name, o.beside ="
        " e.definition) WHERE m.role = 'matched'",
        "");
    return code != FR_OK
               ? code
               : fr_store_run(
                     store, err,
                     "INSERT INTO run_verdict SELECT experiment, condition, naming, n, solved,"
                     " (n - solved) / 2, 0, n - solved - (n - solved) / 2, 0, against_solved,"
                     " n - against_solved - (n - against_solved) / 3, 0, 0, (n - against_solved) / "
                     "3"
                     " FROM effect_naming",
                     "");
}
