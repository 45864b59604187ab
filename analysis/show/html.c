/* SPDX-License-Identifier: MIT */
#include "analysis/show/html.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

static const char style[] =
        ":root{color-scheme:light dark;--fg:#1b1b1b;--bg:#fff;--soft:#f4f5f7;--line:#d5d8dd;"
        "--slow:#a33b00;--fast:#00653f;--same:#3f4a56;--warn:#fff3d6}"
        "@media(prefers-color-scheme:dark){:root{--fg:#e6e6e6;--bg:#16181b;--soft:#202327;"
        "--line:#3a3f46;--slow:#ff9a5c;--fast:#4fd1a1;--same:#aeb7c2;--warn:#3a3014}}"
        "*{box-sizing:border-box}"
        "body{margin:0 auto;max-width:1200px;padding:1rem;color:var(--fg);background:var(--bg);"
        "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
        "h1{font-size:1.6rem}h2{margin-top:2.2rem;border-bottom:1px solid var(--line)}"
        ".wide{overflow-x:auto}"
        "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem;"
        "overflow-wrap:normal}"
        "caption{text-align:left;padding:.4rem 0;color:var(--same)}"
        "th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;"
        "white-space:nowrap}"
        "th{background:var(--soft)}th button{all:unset;cursor:pointer;font-weight:bold}"
        "th button:focus-visible{outline:2px solid currentColor}"
        "td.n{text-align:right}td.long{white-space:normal;min-width:16rem}"
        ".slower{color:var(--slow);font-weight:bold}.faster{color:var(--fast);font-weight:bold}"
        "nav a{margin-right:1rem}a{color:inherit}.sum{font-size:1.15rem}"
        ".same,.undecided{color:var(--same)}"
        ".warn{background:var(--warn);padding:.6rem 1rem;border-left:4px solid var(--slow)}"
        "figure{margin:1rem 0;padding:.5rem;background:#fff;border:1px solid var(--line);"
        "border-radius:4px}figure img{display:block;width:min(100%,54rem);height:auto;margin:auto}"
        "figcaption{color:#444;font-size:.85rem}"
        "input.filter{margin:.4rem 0;padding:.3rem .5rem;width:min(20rem,100%);font:inherit}"
        "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}"
        "dt{color:var(--same)}dd{margin:0}"
        "@media(max-width:600px){figure "
        "img{max-width:none;width:640px}dl{grid-template-columns:1fr}dd{margin:0 0 .5rem 1rem}}";

/* Tables can be sorted by their headings, and long ones filtered. Without scripts they are as they
 * are. */
static const char script[] =
        "for(const t of document.querySelectorAll('table')){"
        "const b=t.tBodies[0];"
        "[...t.tHead.rows[0].cells].forEach((h,i)=>{"
        "const k=document.createElement('button');k.type='button';k.textContent=h.textContent;"
        "h.replaceChildren(k);let up=true;k.onclick=()=>{"
        "const v=r=>{const c=r.cells[i];return c.dataset.v===undefined?c.textContent:+c.dataset.v};"
        "[...b.rows].sort((p,q)=>{const x=v(p),y=v(q);"
        "const o=typeof x==='number'&&typeof y==='number'?x-y:String(x).localeCompare(String(y),"
        "undefined,{numeric:true});return up?o:-o}).forEach(r=>b.append(r));"
        "for(const o of t.tHead.rows[0].cells)o.removeAttribute('aria-sort');"
        "h.setAttribute('aria-sort',up?'ascending':'descending');up=!up}});"
        "if(b.rows.length>12){const f=document.createElement('input');f.className='filter';"
        "f.placeholder='only rows with \\u2026';f.setAttribute('aria-label','Filter the table');"
        "f.oninput=()=>{for(const r of b.rows)r.hidden=!r.textContent.toLowerCase()"
        ".includes(f.value.toLowerCase())};t.parentNode.before(f)}}";

void html_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	      out);
	html_text(out, title);
	fprintf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
}

void html_end(FILE *out)
{
	fprintf(out, "<script>%s</script>\n</body>\n</html>\n", script);
}

void html_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			/* Bytes from elsewhere may not be UTF-8: the page stays valid without them.
			 */
			putc((unsigned char)*text < ' '    ? ' '
			     : (unsigned char)*text < 0x7f ? *text
			                                   : '?',
			     out);
		}
	}
}

void html_cell(FILE *out, const char *text)
{
	fputs(strlen(text) > 60 ? "<td class=\"long\">" : "<td>", out);
	html_text(out, text);
	fputs("</td>", out);
}

void html_number(FILE *out, double value, const char *text)
{
	if (isnan(value))
		fputs("<td class=\"n\">", out);
	else
		fprintf(out, "<td class=\"n\" data-v=\"%.9g\">", value);
	html_text(out, text);
	fputs("</td>", out);
}

void html_table(FILE *out, const char *caption, const char *headings)
{
	fputs("<div class=\"wide\" tabindex=\"0\"><table>\n<caption>", out);
	html_text(out, caption);
	fputs("</caption>\n<thead><tr>", out);
	while (*headings) {
		size_t length = strcspn(headings, "|");

		fprintf(out, "<th scope=\"col\">%.*s</th>", (int)length, headings);
		headings += length + (headings[length] == '|');
	}
	fputs("</tr></thead>\n<tbody>\n", out);
}

void html_table_end(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

static void put_base64(FILE *out, FILE *in)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char b[3];
	size_t got;

	while ((got = fread(b, 1, 3, in)) > 0) {
		unsigned v = (unsigned)b[0] << 16 | (got > 1 ? (unsigned)b[1] << 8 : 0) |
		             (got > 2 ? b[2] : 0U);

		putc(digits[v >> 18], out);
		putc(digits[v >> 12 & 63], out);
		putc(got > 1 ? digits[v >> 6 & 63] : '=', out);
		putc(got > 2 ? digits[v & 63] : '=', out);
	}
}

int html_picture(FILE *out, const struct folder *folder, const char *svg, const char *title,
                 const char *text, struct err *e)
{
	int fd = folder_file(folder, svg, O_RDONLY, e), rc = 0;
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0)
		return err_wrap(e, fd, "cannot read a picture");
	if (!in) {
		rc = err_errno(e, "cannot read the picture %s/%s", folder->path, svg);
		close(fd);
		return rc;
	}
	fputs("<figure><div class=\"wide\" tabindex=\"0\"><img src=\"data:image/svg+xml;base64,",
	      out);
	put_base64(out, in);
	if (ferror(in))
		rc = err_errno(e, "cannot read the picture %s/%s", folder->path, svg);
	fclose(in);
	fputs("\" alt=\"", out);
	html_text(out, title);
	fputs(". ", out);
	html_text(out, text);
	fputs("\"></div><figcaption>", out);
	html_text(out, text);
	fputs("</figcaption></figure>\n", out);
	return rc;
}
