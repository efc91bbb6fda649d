-- Accuracy at each level: of all, where a description below the threshold counts as correct; of what is coded automatically; and of what the
-- model would have made of the rest.
WITH judged AS (
  SELECT
    coalesce(confidence >= $threshold, false) AS automatic,
    unnest([1, 2, 3, 4, 5]) AS level,
    unnest([
      coalesce(answer.level_1 = truth.level_1, false),
      coalesce(answer.level_2 = truth.level_2, false),
      coalesce(answer.level_3 = truth.level_3, false),
      coalesce(answer.level_4 = truth.level_4, false),
      coalesce(code_1 = gold.code, false)
    ])::INTEGER AS correct
  FROM gold
  LEFT JOIN code_levels AS answer ON answer.nomenclature = gold.nomenclature AND answer.code = code_1
  LEFT JOIN code_levels AS truth ON truth.nomenclature = gold.nomenclature AND truth.code = gold.code
)
SELECT level, 'total' AS population, count(*) AS annotated, avg(CASE WHEN automatic THEN correct ELSE 1 END) AS accuracy FROM judged GROUP BY level
UNION ALL
SELECT level, CASE WHEN automatic THEN 'automatic' ELSE 'manual' END, count(*), avg(correct) FROM judged GROUP BY level, automatic
ORDER BY level, population DESC
