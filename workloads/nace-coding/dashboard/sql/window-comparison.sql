-- The confidence of the current window beside that of the reference, as shares of each; of records in the nomenclature of today.
WITH binned AS (
  SELECT
    CASE WHEN confidence IS NULL THEN NULL ELSE least(19, floor(confidence * 20 + 1e-9))::INTEGER / 20 END AS bin_from,
    count(*) FILTER (date BETWEEN $reference_from AND $reference_to) AS reference,
    count(*) FILTER (date BETWEEN $current_from AND $current_to) AS current
  FROM records
  WHERE date BETWEEN least($reference_from, $current_from) AND $current_to AND nomenclature = $current_nomenclature
  GROUP BY bin_from
)
SELECT
  bin_from,
  bin_from + 0.05 AS bin_to,
  reference,
  current,
  reference / nullif(sum(reference) OVER (), 0) AS reference_share,
  current / nullif(sum(current) OVER (), 0) AS current_share
FROM binned
ORDER BY bin_from NULLS LAST
