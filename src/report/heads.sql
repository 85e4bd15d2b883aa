-- The heads that add most, and where they look at the reference timestamp.
SELECT h.kind || 's', h.layer, h.head, kv_group, h.n_namings, rise, h.low, h.high, shuffled_low, shuffled_high,
p_layer, s.share, s.alike, o.share, o.alike
FROM (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY rise DESC, layer, head) AS rank
    FROM mechanism_heads WHERE rise IS NOT NULL) h
LEFT JOIN mechanism_sources s ON s.layer = h.layer AND s.kind = h.kind AND s.head = h.head
    AND s.timestamp = h.last_timestamp AND s.source = 'same'
LEFT JOIN mechanism_sources o ON o.layer = h.layer AND o.kind = h.kind AND o.head = h.head
    AND o.timestamp = h.last_timestamp AND o.source = 'other'
WHERE rank <= 12 ORDER BY h.kind, rank
