#ifndef HAMLET_CLI_PLOT_H
#define HAMLET_CLI_PLOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A plot as an SVG image within a page.  What is drawn is in the plot's own units, and stays inside of it. */
struct plot {
	struct buf *b;
	double left, right, bottom, top; /* the units at its edges */
	bool begun; /* a path has its first point */
};

struct plot_tick {
	double at;
	const char *text; /* ours */
};

/* Begin a plot with these edges; DESCRIPTION (plain text of ours, it is not escaped) stands for it where it
 * can't be seen. */
void plot_open(struct plot *p, struct buf *b, double left, double right, double bottom, double top,
    const char *description);
void plot_close(struct plot *p);

/* Draw the axes' ticks with their grid lines, and the name of what an axis shows. */
void plot_ticks_x(struct plot *p, const struct plot_tick *ticks, size_t n, const char *name);
void plot_ticks_y(struct plot *p, const struct plot_tick *ticks, size_t n, const char *name);

/* The same with STEPS equal steps from one edge to the other, as percentages. */
void plot_percents_x(struct plot *p, int steps, const char *name);
void plot_percents_y(struct plot *p, int steps, const char *name);

/* Draw a line of class STYLE through the points given between begin and end. */
void plot_line_begin(struct plot *p, const char *style);
void plot_line_to(struct plot *p, double x, double y);
void plot_line_end(struct plot *p);

/* Draw a straight line, a bar from one corner to the other, a dot, a short text in the middle of X. */
void plot_line(struct plot *p, const char *style, double x1, double y1, double x2, double y2);
void plot_bar(struct plot *p, const char *style, double x1, double y1, double x2, double y2);
void plot_dot(struct plot *p, const char *style, double x, double y, double radius);
void plot_text(struct plot *p, const char *style, double x, double y, const char *text);

#endif
