-- How far the current window is from the reference: of the confidence, and of the codes at each level, of records in the nomenclature of today:
-- codes of two nomenclatures are not compared. Kullback-Leibler adds half a row to each
-- bin that either window fills. Thresholds, which depend on the rows that there are, stand in the report of the drift check.
WITH counted AS (
  SELECT
    code_1,
    CASE WHEN confidence IS NULL THEN 20 ELSE least(19, floor(confidence * 20 + 1e-9))::INTEGER END AS bin,
    count(*) FILTER (date BETWEEN $reference_from AND $reference_to) AS reference,
    count(*) FILTER (date BETWEEN $current_from AND $current_to) AS current
  FROM records
  WHERE date BETWEEN least($reference_from, $current_from) AND $current_to AND nomenclature = $current_nomenclature
  GROUP BY code_1, bin
),
aspects AS (
  SELECT 'confidence' AS aspect, bin AS place, bin::VARCHAR AS class, reference, current FROM counted
  UNION ALL
  SELECT 'level_' || level, NULL, coalesce(class, 'none'), reference, current
  FROM counted LEFT JOIN code_levels ON code_levels.nomenclature = $current_nomenclature AND counted.code_1 = code_levels.code
  CROSS JOIN (SELECT unnest([1, 2, 3, 4, 5]) AS level)
  CROSS JOIN LATERAL (SELECT CASE level WHEN 1 THEN level_1 WHEN 2 THEN level_2 WHEN 3 THEN level_3 WHEN 4 THEN level_4 ELSE level_5 END AS class)
),
classes AS (
  SELECT aspect, place, class, sum(reference)::DOUBLE AS a, sum(current)::DOUBLE AS b
  FROM aspects
  GROUP BY aspect, place, class
  HAVING a + b > 0
),
shares AS (
  SELECT
    *,
    sum(a) OVER whole AS n,
    sum(b) OVER whole AS m,
    a / nullif(sum(a) OVER whole, 0) AS p,
    b / nullif(sum(b) OVER whole, 0) AS q,
    (a + 0.5) / sum(a + 0.5) OVER whole AS p_smooth,
    (b + 0.5) / sum(b + 0.5) OVER whole AS q_smooth,
    abs(sum(a) OVER up / nullif(sum(a) OVER whole, 0) - sum(b) OVER up / nullif(sum(b) OVER whole, 0)) AS step
  FROM classes
  WINDOW whole AS (PARTITION BY aspect), up AS (PARTITION BY aspect ORDER BY place, class ROWS UNBOUNDED PRECEDING)
)
SELECT
  aspect,
  any_value(n)::BIGINT AS reference_rows,
  any_value(m)::BIGINT AS current_rows,
  count(*) AS bins,
  -ln(nullif(sum(sqrt(p * q)), 0)) AS bhattacharyya,
  sum(q_smooth * ln(q_smooth / p_smooth)) AS kullback_leibler,
  sqrt(greatest(0, 1 - sum(sqrt(p * q)))) AS hellinger,
  CASE WHEN aspect = 'confidence' THEN max(step) END AS kolmogorov_smirnov,
  sum((sqrt(m / n) * a - sqrt(n / m) * b) ** 2 / (a + b)) AS chi_squared,
  count(*) - 1 AS chi_squared_degrees
FROM shares
WHERE n > 0 AND m > 0
GROUP BY aspect
ORDER BY aspect
