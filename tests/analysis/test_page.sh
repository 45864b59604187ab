#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# report.html of a made-up run of five platforms: valid, whole without scripts, and in a browser at
# two widths, light and dark: nothing wider than the window, no complaint, everything can be read.
# shellcheck source=tests/tap.sh
. "${0%/*}/../tap.sh"

bin=${SEVBENCH_BIN:?}
run=$scratch/run
page=$run/report.html

check "a run is made up" exits 0 "$bin/../tests/analysis/make_run" "$run"
if ! command -v gnuplot >/dev/null; then
	skip "the page" "gnuplot is not installed: make setup"
	done_testing
fi
check "its page is written" exits 0 "$bin/sevbench" report "$run"
[ -s "$page" ] || done_testing
has() { grep -qF -- "$1" "$page"; }
check "private stands against shared memory" has '<h2 id="inside">Encryption inside one guest</h2>'
check "a page is replaced by a newer one" exits 0 "$bin/sevbench" report "$run"

# What is no page of ours stays as it is, whatever it is.
cp "$run/samples.csv" "$scratch/samples"
spared() {
	local file=$1
	check "--out ${file#"$scratch/"} is refused" exits 1 "$bin/sevbench" report --out "$file" "$run"
	check "... with the remedy" says "name another"
}
spared "$run/samples.csv"
check "... and the samples are whole" cmp "$scratch/samples" "$run/samples.csv"
mkdir -p "$scratch/mine/plots"
echo "a picture of somebody's" >"$scratch/mine/plots/overview.svg"
spared "$scratch/mine/page.html"
check "... and the picture is there" grep -q somebody "$scratch/mine/plots/overview.svg"
check "... and no half page" test ! -e "$scratch/mine/page.html" -a ! -e "$scratch/mine/page.html.partial"
for device in /dev/null /dev/full; do
	before=$(stat -c %F:%t:%T $device)
	check "$device is written into" exits "$([ $device = /dev/null ] && echo 0 || echo 1)" \
		"$bin/sevbench" report --out $device "$run"
	check "... and is what it was" test "$before" = "$(stat -c %F:%t:%T $device)"
	check "... with no pictures beside it" test ! -e /dev/plots
done

targets() { grep -o '<a href="#[^"]*' "$page" | sed 's/.*#//'; }
parts() { grep -o '<h2 id="[^"]*' "$page" | sed 's/.*"//'; }
same_parts() { [ "$(targets)" = "$(parts)" ] || { targets; parts; return 1; }; }
check "the links are to all parts of the page, in their order" same_parts
check "a picture has words" has 'alt="Where it hurts'
without_words() { grep -o '<img[^>]*>' "$page" | grep -vc 'alt="[^"]\{20,\}' | grep -qx 0; }
check "every picture has words" without_words
check "nothing comes from elsewhere" exits 1 grep -E '(src|href)="?(https?:)?//|@import|url\(' "$page"

if command -v tidy >/dev/null; then
	check "tidy finds nothing to complain of" exits 0 tidy -quiet -errors -utf8 "$page"
else
	skip "valid HTML" "tidy is not installed: make setup-tests"
fi

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
	skip "the page in a browser" "chromium is not installed: make setup-tests"
	done_testing
}

# The page with a probe in front (what goes wrong) and behind (what came of it), in a frame of the
# width that is wanted: a browser's own window has a least width.
probe_front='<script>const wrong=[];addEventListener("error",e=>wrong.push(e.message));
for(const n of ["error","warn"])console[n]=(...a)=>wrong.push(a.join(" "))</script>'
probe_back='<script>addEventListener("load",()=>{
const light=c=>{const v=c.match(/[\d.]+/g).slice(0,3).map(x=>(x/=255)<=.03928?x/12.92:((x+.055)/1.055)**2.4);
return .2126*v[0]+.7152*v[1]+.0722*v[2]};
const ground=e=>{for(;e;e=e.parentElement){const b=getComputedStyle(e).backgroundColor;
if(b!=="rgba(0, 0, 0, 0)")return b}return "rgb(255, 255, 255)"};
const faint=[...document.querySelectorAll("h1,h2,h3,p,th,td,caption,figcaption,dt,dd,span,button,a,summary")].filter(e=>{
const a=light(getComputedStyle(e).color),b=light(ground(e));return (Math.max(a,b)+.05)/(Math.min(a,b)+.05)<4.5});
const small=[...document.querySelectorAll("p,th,td,caption,figcaption,dt,dd")].filter(e=>parseFloat(getComputedStyle(e).fontSize)<12);
const wide=[...document.querySelectorAll("body *")].filter(e=>!e.closest(".wide")&&e.getBoundingClientRect().right>innerWidth+1);
const bare=[...document.querySelectorAll("table")].filter(t=>!t.caption||!t.querySelector("thead th[scope]")||
[...t.tBodies[0].rows].some(r=>r.cells.length!==t.tHead.rows[0].cells.length));
const blind=[...document.images].filter(i=>!i.alt||!i.naturalWidth);
const t=document.querySelector("table"),rows=[...t.tBodies[0].rows],b=t.querySelector("th button");b.click();b.click();
const f=document.querySelector("input.filter");if(f){f.value="no such row";f.oninput()}
parent.postMessage(JSON.stringify({width:innerWidth,scroll:document.documentElement.scrollWidth,
dark:matchMedia("(prefers-color-scheme: dark)").matches,tables:document.querySelectorAll("table").length,
images:document.images.length,rows:document.querySelectorAll("tbody tr").length,
sorted:rows.length===t.tBodies[0].rows.length&&!!t.querySelector("[aria-sort=descending]"),
filtered:!!f&&[...f.nextElementSibling.querySelectorAll("tbody tr")].every(r=>r.hidden),
faint:faint.slice(0,3).map(e=>e.outerHTML.slice(0,80)),small:small.length,
wide:wide.slice(0,3).map(e=>e.outerHTML.slice(0,80)),bare:bare.length,blind:blind.length,wrong}),"*")})</script>'
{
	sed '/<head>/q' "$page"
	printf '%s\n' "$probe_front"
	sed '1,/<head>/d; /<\/body>/,$d' "$page"
	printf '%s\n</body>\n</html>\n' "$probe_back"
} >"$scratch/probed.html"

# show WIDTH SCHEME: what the probe said, as lines of "name": value in $scratch/said
show() {
	cat >"$scratch/frame.html" <<-EOF
	<!DOCTYPE html><title>frame</title><pre id="said"></pre>
	<script>addEventListener("message",e=>document.getElementById("said").textContent=e.data)</script>
	<iframe src="probed.html" width="$1" height="900" style="border:0"></iframe>
	EOF
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$scratch/profile" --window-size=1600,1000 --hide-scrollbars \
		--blink-settings=preferredColorScheme="$2" --virtual-time-budget=5000 \
		--enable-logging=stderr --dump-dom "file://$scratch/frame.html" \
		>"$scratch/dom" 2>"$scratch/complaints"
	sed -n 's/.*<pre id="said">\(.*\)<\/pre>.*/\1/p' "$scratch/dom" >"$scratch/said"
	[ -s "$scratch/said" ] || { cat "$scratch/complaints"; return 1; }
}
said() { grep -qF -- "$1" "$scratch/said" || { cat "$scratch/said"; return 1; }; }
quiet() { ! grep CONSOLE "$scratch/complaints"; }

tables=$(grep -o '<table>' "$page" | wc -l)
rows=$(sed 's/<thead>.*<\/thead>//' "$page" | grep -o '<tr>' | wc -l)
for width in 400 1400; do
	for scheme in light dark; do
		case $scheme in light) dark=false number=1 ;; dark) dark=true number=0 ;; esac
		what="at $width pixels, $scheme"
		check "$what: it is shown" show "$width" "$number"
		check "$what: as asked for" said "\"width\":$width,"
		check "$what: in that scheme" said "\"dark\":$dark,"
		check "$what: nothing overflows" said "\"scroll\":$width,"
		check "$what: nothing but tables scrolls" said '"wide":[]'
		check "$what: no complaint" said '"wrong":[]'
		check "$what: nothing on the console" quiet
		check "$what: every table has a caption, headings and whole rows" said '"bare":0'
		check "$what: every picture is drawn and has words" said '"blind":0'
		check "$what: text stands out from its ground" said '"faint":[]'
		check "$what: no text is tiny" said '"small":0'
		check "$what: tables sort" said '"sorted":true'
		check "$what: tables filter" said '"filtered":true'
		check "$what: scripts add no table" said "\"tables\":$tables,"
		check "$what: scripts add no row" said "\"rows\":$rows,"
	done
done
done_testing
