module bouture.dev/programs/pause

go 1.21
