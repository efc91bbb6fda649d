-- How often each class is predicted, at each level of its nomenclature: shares are of the descriptions that are coded in the same one.
WITH counted AS (
  SELECT nomenclature, code_1 AS code, count(*) AS descriptions FROM records WHERE code_1 IS NOT NULL GROUP BY nomenclature, code_1
),
of_level AS (
  SELECT nomenclature, level, CASE level WHEN 1 THEN level_1 WHEN 2 THEN level_2 WHEN 3 THEN level_3 WHEN 4 THEN level_4 ELSE level_5 END AS class, descriptions, coded
  FROM (SELECT *, sum(descriptions) OVER (PARTITION BY nomenclature) AS coded FROM counted) JOIN code_levels USING (nomenclature, code) CROSS JOIN (SELECT unnest([1, 2, 3, 4, 5]) AS level)
)
SELECT
  of_level.nomenclature,
  level,
  class AS code,
  any_value(nomenclature.label) AS label,
  sum(descriptions)::BIGINT AS descriptions,
  sum(descriptions) / any_value(coded) AS share
FROM of_level LEFT JOIN nomenclature ON nomenclature.nomenclature = of_level.nomenclature AND nomenclature.code = class
GROUP BY of_level.nomenclature, level, class
ORDER BY level, descriptions DESC, code, of_level.nomenclature
