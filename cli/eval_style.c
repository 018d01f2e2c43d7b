#include "config.h"

#include "cli/eval_page.h"

static const char colours[] =
    ":root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1b2430;--quiet:#5a6675;\n"
    "--line:#dde2e8;\n"
    "--grid:#e8ecf1;--ham:#1a6fb5;--spam:#c2481a;--mark:#1b2430;--wrong:#fdeee8;--right:#e9f3fb;\n"
    "--band:#1b243018;--shadow:0 1px 3px #1b243014}\n"
    "@media(prefers-color-scheme:dark){\n"
    ":root{--page:#12161c;--card:#1b212a;--text:#e4e9f0;--quiet:#9aa7b6;--line:#303946;--grid:#28303c;\n"
    "--ham:#63b3f3;--spam:#f58a5c;--mark:#f4f6f9;--wrong:#3a2219;--right:#182c3d;\n"
    "--band:#f4f6f91c;--shadow:none}\n"
    "}\n";

static const char frame[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:1120px;padding:28px 20px 40px;background:var(--page);color:var(--text);\n"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;\n"
    "font-variant-numeric:tabular-nums}\n"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 14px;letter-spacing:-.02em}\n"
    "h2{font-size:1.3rem;margin:36px 0 12px;letter-spacing:-.01em}\n"
    "h3{font-size:1.05rem;margin:0 0 4px}\n"
    "h4{font-size:.95rem;margin:0}\n"
    "p{margin:0 0 8px}\n"
    "dl,dd{margin:0}\n"
    "code,h4,dd,blockquote,.evidence td{overflow-wrap:anywhere}\n"
    "code{font:.92em ui-monospace,'DejaVu Sans Mono',monospace}\n"
    "footer{color:var(--quiet);font-size:.85rem;margin-top:30px}\n"
    ".note{color:var(--quiet);font-size:.85rem;font-weight:400}\n"
    ".about div{display:grid;grid-template-columns:92px 1fr;gap:12px;padding:2px 0}\n"
    ".about dt{color:var(--quiet)}\n"
    ".card,.panel,figure,article{background:var(--card);border:1px solid var(--line);border-radius:10px;\n"
    "box-shadow:var(--shadow);padding:14px 16px;margin:0;min-width:0}\n"
    ".cards{display:grid;grid-template-columns:repeat(5,1fr);gap:14px}\n"
    ".card dt{color:var(--quiet);font-size:.9rem}\n"
    ".card data{display:block;font-size:1.7rem;font-weight:650;line-height:1.3;letter-spacing:-.02em;\n"
    "white-space:nowrap}\n"
    ".card .note{display:block;line-height:1.35}\n"
    ".first{border-color:var(--ham);border-top-width:3px;padding-top:12px}\n"
    ".first dt{color:var(--text);font-weight:600}\n";

static const char tables[] =
    ".tables{display:grid;grid-template-columns:1fr 1.25fr 1fr;gap:14px}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "caption{text-align:left;font-weight:600;padding-bottom:6px}\n"
    "th,td{padding:5px 6px;text-align:right;border-top:1px solid var(--line);vertical-align:top}\n"
    "thead th,thead td{border-top:0;color:var(--quiet);font-weight:400;font-size:.85rem}\n"
    "th:first-child,td:first-child{text-align:left;padding-left:0}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "tbody th{font-weight:400}\n"
    ".panel .note{margin:10px 0 0}\n"
    ".bins tbody{white-space:nowrap}\n"
    ".confusion{border-collapse:separate;border-spacing:6px;margin:-6px;width:calc(100% + 12px)}\n"
    ".confusion caption{padding:6px 6px 0}\n"
    ".confusion thead th{text-align:center}\n"
    ".confusion th,.confusion td{border:0;padding:2px;vertical-align:middle}\n"
    ".confusion tbody td{padding:28px 4px;border-radius:8px;font-size:1.35rem;font-weight:600;\n"
    "text-align:center;background:var(--grid)}\n"
    ".confusion tbody .right{background:var(--right)}\n"
    ".confusion tbody .wrong{background:var(--wrong);color:var(--spam)}\n";

static const char mistakes[] =
    "section section{margin-bottom:26px}\n"
    ".list{display:grid;grid-template-columns:1fr 1fr;gap:14px}\n"
    "article{display:flex;flex-direction:column;gap:8px}\n"
    "article dl{font-size:.85rem}\n"
    "article dl div{display:flex;gap:8px}\n"
    "article dt{color:var(--quiet);flex:none}\n"
    "blockquote{margin:0 0 6px;padding:2px 0 2px 12px;border-left:3px solid var(--line);overflow:hidden;\n"
    "unicode-bidi:isolate}\n"
    ".fields{display:flex;flex-wrap:wrap;gap:2px 12px;list-style:none;margin:auto 0 0;padding:0;\n"
    "font-size:.85rem}\n"
    ".evidence{font-size:.85rem;table-layout:fixed}\n"
    ".evidence caption{padding:0 0 2px}\n"
    ".evidence th,.evidence td{padding:2px 6px 2px 0;text-align:left;unicode-bidi:isolate;\n"
    "overflow:hidden}\n"
    ".evidence th:first-child{width:4.6em}\n"
    ".evidence th:last-child{width:4.4em}\n"
    ".evidence th:last-child,.evidence td:last-child{text-align:right;padding-right:0}\n"
    ".evidence .rest td:first-child{color:var(--quiet)}\n"
    ".evidence .sum th,.evidence .sum td{font-weight:600;width:auto;text-align:left}\n"
    ".evidence .sum td{text-align:right}\n"
    ".for{color:var(--spam)}\n"
    ".against{color:var(--ham)}\n";

static const char plots[] =
    ".grid{display:grid;grid-template-columns:1fr 1fr;gap:14px}\n"
    "figure{display:flex;flex-direction:column;justify-content:space-between;gap:6px}\n"
    "figcaption p{color:var(--quiet);font-size:.85rem;line-height:1.4}\n"
    "svg{display:block;width:100%;height:auto;font:11px system-ui,sans-serif}\n"
    "svg text{fill:var(--quiet)}\n"
    ".mid{text-anchor:middle}\n"
    ".end{text-anchor:end}\n"
    "svg .name{fill:var(--text)}\n"
    "svg .count{font-size:9.5px}\n"
    "svg .label{fill:var(--text);paint-order:stroke;stroke:var(--card);stroke-width:3px;font-size:10.5px}\n"
    ".frame{fill:none;stroke:var(--line)}\n"
    "line.grid{stroke:var(--grid)}\n"
    ".axis{stroke:var(--quiet)}\n"
    "rect.ham{fill:var(--ham)}\n"
    "rect.spam{fill:var(--spam)}\n"
    ".band{fill:var(--band)}\n"
    ".threshold{stroke:var(--mark);stroke-width:1.5}\n"
    ".unsure{stroke:var(--mark);stroke-dasharray:3 3}\n"
    ".ideal{stroke:var(--quiet);stroke-dasharray:4 4}\n"
    ".curve{fill:none;stroke:var(--ham);stroke-width:2;stroke-linejoin:round}\n"
    ".point{fill:var(--spam);stroke:var(--card);stroke-width:1.5}\n"
    ".whisker{stroke:var(--ham);stroke-width:1.5;opacity:.6}\n"
    ".bin{fill:var(--ham)}\n";

static const char widths[] =
    "@media(max-width:980px){\n"
    ".cards{grid-template-columns:repeat(3,1fr)}\n"
    ".first{grid-column:span 2}\n"
    ".tables{grid-template-columns:1fr 1fr}\n"
    ".tables>:last-child{grid-column:1/-1}\n"
    ".bins{font-size:.85rem}\n"
    "}\n"
    "@media(max-width:760px){.grid,.tables,.list{grid-template-columns:minmax(0,1fr)}}\n"
    "@media(max-width:560px){\n"
    "body{padding:18px 12px 30px}\n"
    "h1{font-size:1.55rem}\n"
    ".cards{grid-template-columns:1fr 1fr;gap:10px}\n"
    ".first{grid-column:1/-1}\n"
    ".card,.panel,figure,article{padding:12px}\n"
    ".card data{font-size:1.45rem}\n"
    ".about div{grid-template-columns:1fr;gap:0;padding:4px 0}\n"
    "}\n"
    "@media print{body{max-width:none}.card,.panel,figure,article{break-inside:avoid}}\n";

void
eval_page_style(struct buf *b)
{
	static const char *const parts[] = { colours, frame, tables, mistakes, plots, widths };

	buf_add_str(b, "<style>\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		buf_add_str(b, parts[i]);
	buf_add_str(b, "</style>\n");
}
