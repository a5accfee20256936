# Completes the commands, options, values and names of cosmos; files where there is nothing else.
function __cosmos_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process) (commandline --current-token --cut-at-cursor)
    set -l candidates ($words[1] complete -- $words 2>/dev/null)
    if test (count $candidates) -gt 0
        printf '%s\n' $candidates
    else
        __fish_complete_path (commandline --current-token --cut-at-cursor)
    end
end
complete --command cosmos --no-files --keep-order --arguments '(__cosmos_complete)'
