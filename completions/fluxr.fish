complete --keep-order --exclusive --command fluxr --arguments "(COMPLETE=fish fluxr -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
