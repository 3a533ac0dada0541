#!/bin/sh
# Runs all experiments of the lab, three at a time, and joins their tables.
# usage: all.sh LBSIM FOLDER
set -eu
lbsim=$1
out=$2
mkdir -p "$out"
rm -rf "$out"/*
names=$("$lbsim" lab | awk '{print $1}')
echo "$(echo "$names" | wc -w) experiments, each three times for real, about 15 minutes; reports below $out"
status=0
echo "$names" | xargs -P 3 -I NAME sh -c '
	"$1" lab NAME --format markdown --progress off --quiet -o "$2/NAME" > "$2/NAME.md" && echo "done: NAME" ||
		{ echo "failed: NAME"; exit 1; }' - "$lbsim" "$out" || status=1
# The header is that of the first. Who gets how much says nothing where all picks agree.
first=yes
for name in $names; do
	if [ "$first" ]; then cat "$out/$name.md"; else sed 1,2d "$out/$name.md"; fi
	first=
done | awk -F '|' -v OFS='|' '
	NR <= 2 { print; next }
	$2 !~ /^ *$/ { title = $2 }
	$3 ~ /max\/mean connections/ { next }
	{ $2 = title; title = "  "; print }' > "$out/table.md"
echo "table: $out/table.md"
echo "to show it in the README: cp $out/table.md scenarios/lab/testdata/experiments.md && go test ./cmd/lbsim -run README -update"
exit $status
