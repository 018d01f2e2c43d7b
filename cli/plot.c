#include "config.h"

#include <math.h>
#include <stdio.h>

#include "cli/plot.h"

/* In pixels, where a phone shows it. */
#define WIDTH 360.0
#define HEIGHT 270.0
#define MARGIN_LEFT 50.0
#define MARGIN_RIGHT 18.0
#define MARGIN_TOP 12.0
#define MARGIN_BOTTOM 42.0

static double
inside(double x, double a, double b)
{
	return fmin(fmax(x, fmin(a, b)), fmax(a, b));
}

static double
pixel_x(const struct plot *p, double x)
{
	double share = (inside(x, p->left, p->right) - p->left) / (p->right - p->left);

	return MARGIN_LEFT + share * (WIDTH - MARGIN_LEFT - MARGIN_RIGHT);
}

static double
pixel_y(const struct plot *p, double y)
{
	double share = (inside(y, p->bottom, p->top) - p->bottom) / (p->top - p->bottom);

	return HEIGHT - MARGIN_BOTTOM - share * (HEIGHT - MARGIN_TOP - MARGIN_BOTTOM);
}

void
plot_open(struct plot *p, struct buf *b, double left, double right, double bottom, double top,
    const char *description)
{
	*p = (struct plot){ b, left, right, bottom, top, false };
	buf_addf(b, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT,
	    description);
	buf_addf(b, "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
	    MARGIN_LEFT, MARGIN_TOP, WIDTH - MARGIN_LEFT - MARGIN_RIGHT, HEIGHT - MARGIN_TOP - MARGIN_BOTTOM);
}

void
plot_close(struct plot *p)
{
	buf_add_str(p->b, "</svg>\n");
}

static void
put_text(struct plot *p, const char *style, double x, double y, const char *text)
{
	buf_addf(p->b, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", style, x, y, text);
}

void
plot_ticks_x(struct plot *p, const struct plot_tick *ticks, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		plot_line(p, "grid", ticks[i].at, p->bottom, ticks[i].at, p->top);
		put_text(p, "mid", pixel_x(p, ticks[i].at), HEIGHT - MARGIN_BOTTOM + 15, ticks[i].text);
	}
	put_text(p, "mid name", (WIDTH + MARGIN_LEFT - MARGIN_RIGHT) / 2, HEIGHT - 7, name);
}

void
plot_ticks_y(struct plot *p, const struct plot_tick *ticks, size_t n, const char *name)
{
	double middle = (HEIGHT + MARGIN_TOP - MARGIN_BOTTOM) / 2;

	for (size_t i = 0; i < n; i++) {
		plot_line(p, "grid", p->left, ticks[i].at, p->right, ticks[i].at);
		put_text(p, "end", MARGIN_LEFT - 5, pixel_y(p, ticks[i].at) + 3.5, ticks[i].text);
	}
	buf_addf(p->b, "<text class=\"mid name\" transform=\"translate(11 %.1f) rotate(-90)\">%s</text>\n",
	    middle, name);
}

#define STEPS_MAX 10

static void
percents(struct plot_tick *ticks, char texts[][12], double from, double to, int steps)
{
	for (int i = 0; i <= steps; i++) {
		ticks[i].at = from + (to - from) * i / steps;
		snprintf(texts[i], sizeof(texts[i]), "%.3g%s", 100 * ticks[i].at, i == steps ? " %" : "");
		ticks[i].text = texts[i];
	}
}

void
plot_percents_x(struct plot *p, int steps, const char *name)
{
	struct plot_tick ticks[STEPS_MAX + 1];
	char texts[STEPS_MAX + 1][12];

	steps = steps > STEPS_MAX ? STEPS_MAX : steps;
	percents(ticks, texts, p->left, p->right, steps);
	plot_ticks_x(p, ticks, (size_t)steps + 1, name);
}

void
plot_percents_y(struct plot *p, int steps, const char *name)
{
	struct plot_tick ticks[STEPS_MAX + 1];
	char texts[STEPS_MAX + 1][12];

	steps = steps > STEPS_MAX ? STEPS_MAX : steps;
	percents(ticks, texts, p->bottom, p->top, steps);
	plot_ticks_y(p, ticks, (size_t)steps + 1, name);
}

void
plot_line_begin(struct plot *p, const char *style)
{
	buf_addf(p->b, "<path class=\"%s\" d=\"", style);
	p->begun = false;
}

void
plot_line_to(struct plot *p, double x, double y)
{
	buf_addf(p->b, "%c%.1f %.1f", p->begun ? 'L' : 'M', pixel_x(p, x), pixel_y(p, y));
	p->begun = true;
}

void
plot_line_end(struct plot *p)
{
	buf_add_str(p->b, "\"/>\n");
}

void
plot_line(struct plot *p, const char *style, double x1, double y1, double x2, double y2)
{
	buf_addf(p->b, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", style,
	    pixel_x(p, x1), pixel_y(p, y1), pixel_x(p, x2), pixel_y(p, y2));
}

void
plot_bar(struct plot *p, const char *style, double x1, double y1, double x2, double y2)
{
	double a = pixel_x(p, x1), b = pixel_x(p, x2), c = pixel_y(p, y1), d = pixel_y(p, y2);

	buf_addf(p->b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", style,
	    fmin(a, b), fmin(c, d), fabs(a - b), fabs(c - d));
}

void
plot_dot(struct plot *p, const char *style, double x, double y, double radius)
{
	buf_addf(p->b, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n", style, pixel_x(p, x),
	    pixel_y(p, y), radius);
}

void
plot_text(struct plot *p, const char *style, double x, double y, const char *text)
{
	put_text(p, style, pixel_x(p, x), pixel_y(p, y), text);
}
