#ifndef HAMLET_CLASSIFIER_OVERRIDE_H
#define HAMLET_CLASSIFIER_OVERRIDE_H

#include <stddef.h>

/*
 * Right-to-left overrides: text between U+202E and the next mark that ends it (U+202C, another embedding or
 * override, the end of the line) is shown backwards, whatever it is made of.  Put the characters of the N
 * bytes of UTF-8 at P into the order in which a reader sees them, in place; tags stay where they are, and so
 * does a run with Arabic or Hebrew letters, which runs to the left by itself.  Return how many letters,
 * digits and signs were moved.  Each byte is looked at twice at most.
 */
size_t override_undo(char *p, size_t n);

#endif
