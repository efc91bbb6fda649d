-- Words of a description; the last bin holds those of 30 and more.
SELECT least(30, words) AS words, count(*) AS descriptions
FROM records
WHERE words IS NOT NULL
GROUP BY ALL
ORDER BY words
