-- How often the right code is among the first one to five of the model.
WITH judged AS (
  SELECT
    CASE WHEN confidence >= $threshold THEN 'automatic' ELSE 'manual' END AS population,
    list_position([code_1, code_2, code_3, code_4, code_5], code) AS place
  FROM gold
)
SELECT population, k, count(*) AS annotated, coalesce(count(*) FILTER (place <= k), 0) / count(*) AS accuracy
FROM judged CROSS JOIN range(1, 6) AS first(k)
GROUP BY population, k
ORDER BY population, k
