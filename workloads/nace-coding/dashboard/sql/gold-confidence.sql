-- Right and wrong answers of the gold set by confidence.
SELECT
  least(19, floor(confidence * 20 + 1e-9))::INTEGER / 20 AS bin_from,
  bin_from + 0.05 AS bin_to,
  count(*) FILTER (code_1 = code) AS correct,
  count(*) FILTER (code_1 <> code) AS wrong
FROM gold
WHERE confidence IS NOT NULL
GROUP BY bin_from
ORDER BY bin_from
