-- How often each class is predicted, at each level of the nomenclature.
WITH counted AS (
  SELECT code_1 AS code, count(*) AS descriptions FROM records WHERE code_1 IS NOT NULL GROUP BY code_1
),
of_level AS (
  SELECT level, CASE level WHEN 1 THEN level_1 WHEN 2 THEN level_2 WHEN 3 THEN level_3 WHEN 4 THEN level_4 ELSE level_5 END AS class, descriptions
  FROM counted JOIN code_levels USING (code) CROSS JOIN (SELECT unnest([1, 2, 3, 4, 5]) AS level)
)
SELECT
  level,
  class AS code,
  any_value(nomenclature.label) AS label,
  sum(descriptions)::BIGINT AS descriptions,
  sum(descriptions) / any_value((SELECT sum(descriptions) FROM counted)) AS share
FROM of_level LEFT JOIN nomenclature ON nomenclature.code = class
GROUP BY level, class
ORDER BY level, descriptions DESC, code
