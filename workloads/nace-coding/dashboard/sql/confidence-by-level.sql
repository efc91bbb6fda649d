-- The confidence of each class at each level of its nomenclature, the hardest first.
WITH counted AS (
  SELECT nomenclature, code_1 AS code, count(*) AS descriptions, sum(confidence) AS confidence, count(*) FILTER (confidence >= $threshold) AS automatic
  FROM records
  WHERE code_1 IS NOT NULL
  GROUP BY nomenclature, code_1
),
of_level AS (
  SELECT level, CASE level WHEN 1 THEN level_1 WHEN 2 THEN level_2 WHEN 3 THEN level_3 WHEN 4 THEN level_4 ELSE level_5 END AS class, counted.*
  FROM counted JOIN code_levels USING (nomenclature, code) CROSS JOIN (SELECT unnest([1, 2, 3, 4, 5]) AS level)
)
SELECT
  of_level.nomenclature,
  level,
  class AS code,
  any_value(nomenclature.label) AS label,
  sum(descriptions)::BIGINT AS descriptions,
  sum(confidence) / sum(descriptions) AS mean_confidence,
  sum(automatic) / sum(descriptions) AS automatic_share
FROM of_level LEFT JOIN nomenclature ON nomenclature.nomenclature = of_level.nomenclature AND nomenclature.code = class
GROUP BY of_level.nomenclature, level, class
ORDER BY level, mean_confidence, code, of_level.nomenclature
