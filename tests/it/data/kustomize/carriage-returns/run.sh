echo a
exit 1
