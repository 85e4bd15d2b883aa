-- The heads that add most, and where they look at the reference timestamp.
SELECT kind || 's', layer, head, kv_group, n_namings, rise, low, high, shuffled_low,
shuffled_high, p_layer, same, same_alike, other, other_alike FROM (SELECT h.*,
row_number() OVER (PARTITION BY kind ORDER BY rise DESC, layer, head) AS rank,
s.share AS same, s.alike AS same_alike, o.share AS other, o.alike AS other_alike
FROM mechanism_heads h LEFT JOIN mechanism_sources s ON s.layer = h.layer AND s.kind = h.kind
AND s.head = h.head AND s.timestamp = h.last_timestamp AND s.source = 'same'
LEFT JOIN mechanism_sources o ON o.layer = h.layer AND o.kind = h.kind
AND o.head = h.head AND o.timestamp = h.last_timestamp AND o.source = 'other'
WHERE rise IS NOT NULL) WHERE rank <= 12 ORDER BY kind, rank
