#compdef cosmos
# Completes the commands, options, values and names of cosmos; files where there is nothing else.
_cosmos() {
    local -a candidates
    local line program=${${(Q)words[1]}/#\~/$HOME}
    for line in "${(@f)$("$program" complete -- "${(@Q)words[1,CURRENT]}" 2>/dev/null)}"; do
        [[ -n $line ]] && candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    (( $#candidates )) && _describe -V cosmos candidates || _files
}
if [[ ${funcstack[1]} == _cosmos ]]; then
    _cosmos "$@"
else
    compdef _cosmos cosmos
fi
