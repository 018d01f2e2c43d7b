"""A plain table for people."""


def percent(x, digits=1):
    return "-" if x is None else f"{100 * x:.{digits}f} %"


def number(x, digits=3):
    return "-" if x is None else f"{x:.{digits}f}"


def print_table(head, rows):
    """Columns as wide as what stands in them; the first and those with words to the left, the last never padded."""
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for n, row in enumerate(table):
        cells = [cell.ljust(w) if i == 0 or i >= len(head) - 5 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
        if n == 0:
            print("  ".join("-" * w for w in widths))
