# Completion of sekishoctl's commands for bash: the program knows what may stand where.
_sekishoctl()
{
	mapfile -t COMPREPLY < <(sekishoctl --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _sekishoctl sekishoctl
