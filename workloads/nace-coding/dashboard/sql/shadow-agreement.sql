-- How often the version that runs beside the served one gives the same class, at each level. Where it codes in another nomenclature, its codes
-- cannot be the same: those records are left out, and the verdict of the promotion compares them by the concordance.
WITH pairs AS (
  SELECT shadow_version, nomenclature, code_1, shadow_code_1, count(*) AS descriptions
  FROM records
  WHERE shadow_code_1 IS NOT NULL AND code_1 IS NOT NULL AND coalesce(shadow_nomenclature, nomenclature) = nomenclature
  GROUP BY ALL
)
SELECT
  shadow_version,
  sum(descriptions)::BIGINT AS descriptions,
  sum(descriptions) FILTER (served.level_1 = shadow.level_1) / sum(descriptions) AS level_1,
  sum(descriptions) FILTER (served.level_2 = shadow.level_2) / sum(descriptions) AS level_2,
  sum(descriptions) FILTER (served.level_3 = shadow.level_3) / sum(descriptions) AS level_3,
  sum(descriptions) FILTER (served.level_4 = shadow.level_4) / sum(descriptions) AS level_4,
  coalesce(sum(descriptions) FILTER (code_1 = shadow_code_1), 0) / sum(descriptions) AS level_5
FROM pairs
LEFT JOIN code_levels AS served ON served.nomenclature = pairs.nomenclature AND served.code = code_1
LEFT JOIN code_levels AS shadow ON shadow.nomenclature = pairs.nomenclature AND shadow.code = shadow_code_1
GROUP BY shadow_version
ORDER BY shadow_version
