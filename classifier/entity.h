#ifndef HAMLET_CLASSIFIER_ENTITY_H
#define HAMLET_CLASSIFIER_ENTITY_H

#include <stddef.h>

/*
 * Decode the HTML character reference that P (N bytes, starting with '&') begins with: set *CODE to its code
 * point and return its length in bytes, or return 0 if there is none.
 */
size_t entity_decode(const char *p, size_t n, unsigned *code);

#endif
