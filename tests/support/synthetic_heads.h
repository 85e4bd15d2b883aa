/* Heads of attention for the synthetic study, from its mechanism_rise: four a layer, of which the
 * third of layer 2 does it, and looks at the same concept when it does. */
#ifndef FR_TESTS_SYNTHETIC_HEADS_H
#define FR_TESTS_SYNTHETIC_HEADS_H

static const char synthetic_heads_sql[] =
    "INSERT INTO mechanism_heads SELECT layer, kind, head, (head + 1) / 2, first_timestamp,"
    " last_timestamp, rise, rise - 0.05, rise + 0.05, -0.05, 0.05, p, p, 0.001, n_namings"
    " FROM (SELECT *, iif(layer = 2 AND head = 3, 0.7, 0.01) AS rise,"
    " iif(layer = 2 AND head = 3, 0.0005, 0.5) AS p"
    " FROM (SELECT layer, kind, first_timestamp, last_timestamp, n_namings FROM mechanism_rise"
    " WHERE part = 'attention'), (SELECT column1 AS head FROM (VALUES (1), (2), (3), (4))))";
static const char synthetic_sources_sql[] =
    "INSERT INTO mechanism_sources SELECT layer, kind, head, timestamp, source, share,"
    " share - 0.02, share + 0.02, iif(source = 'elsewhere', 0.8, 0.05), n_namings"
    " FROM (SELECT *, iif(source = 'same', same, (1 - same) / 5) AS share"
    " FROM (SELECT layer, kind, head, n_namings, iif(late, last_timestamp, first_timestamp)"
    " AS timestamp, iif(late AND rise > 0.5, 0.6, 0.1) AS same FROM mechanism_heads,"
    " (SELECT column1 AS late FROM (VALUES (0), (1)))), (SELECT column1 AS source FROM"
    " (VALUES ('first'), ('own'), ('same'), ('other'), ('near'), ('elsewhere'))))";

#endif
