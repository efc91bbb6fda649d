-- Descriptions by confidence, in bins of a twentieth; those that no model was asked for stand in no bin.
SELECT
  least(19, floor(confidence * 20 + 1e-9))::INTEGER / 20 AS bin_from,
  bin_from + 0.05 AS bin_to,
  count(*) AS descriptions,
  count(*) FILTER (confidence >= $threshold) AS automatic
FROM records
WHERE confidence IS NOT NULL
GROUP BY bin_from
ORDER BY bin_from
