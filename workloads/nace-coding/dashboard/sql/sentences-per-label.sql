-- Sentences of a description; the last bin holds those of 10 and more.
SELECT least(10, sentences) AS sentences, count(*) AS descriptions
FROM records
WHERE sentences IS NOT NULL
GROUP BY ALL
ORDER BY sentences
