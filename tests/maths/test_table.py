"Numbers out of pasted text: what each way of writing them gives, and what is said of lines that hold none."
import numpy as np
import pytest

FILE = "maths/table.js"
NBSP, THIN, NARROW, MINUS, BOM = "\u00a0", "\u2009", "\u202f", "\u2212", "\ufeff"

# What is pasted, and the rows, names and decimal sign that it holds
READ = {
    "points and commas": ("1.5,2.5\n2,3", [[1.5, 2.5], [2, 3]], None, "."),
    "comma and a space": ("1, 2\n3, 4", [[1, 2], [3, 4]], None, ""),
    "German, semicolons": ("1,5;2,5\n3;4,25", [[1.5, 2.5], [3, 4.25]], None, ","),
    "German, spaces": ("1,5 2,5\n-3,5   4", [[1.5, 2.5], [-3.5, 4]], None, ","),
    "German, comma and a space": ("1,5, 2,5\n3,5, 4,5", [[1.5, 2.5], [3.5, 4.5]], None, ","),
    "German, quoted CSV": ('"Zeit","Weg"\n"1,5","2,5"\n"2,0","3,5"', [[1.5, 2.5], [2, 3.5]], ["Zeit", "Weg"], ","),
    "German thousands": ("1.234,5;2\n1.000.000,25;3", [[1234.5, 2], [1000000.25, 3]], None, ","),
    "English thousands": ("1,234.5\t2\n1,000\t3", [[1234.5, 2], [1000, 3]], None, "."),
    "quoted English thousands": ('"1,234.5",2\n"1,000",3', [[1234.5, 2], [1000, 3]], None, "."),
    "Swiss thousands": ("1'234.5;1\n1’000’000;2", [[1234.5, 1], [1000000, 2]], None, "."),
    "thin spaces": (f"1{THIN}234,5;1\n2{NARROW}000{NARROW}000;2\n3{NBSP}000;3", [[1234.5, 1], [2000000, 2], [3000, 3]], None, ","),
    "plain spaces between thousands": ("1 234,5;1\n12 000;2", [[1234.5, 1], [12000, 2]], None, ","),
    "tabs": ("1\t2\n3\t4\n", [[1, 2], [3, 4]], None, ""),
    "tabs and German": ("1,5\t2,5\n2\t3,5", [[1.5, 2.5], [2, 3.5]], None, ","),
    "header": ("x;y\n1;2\n3;4", [[1, 2], [3, 4]], ["x", "y"], ""),
    "header with units": ("Time (s)\tDistance (m)\n0\t1\n1\t3", [[0, 1], [1, 3]], ["Time (s)", "Distance (m)"], ""),
    "quoted header with the separator in it": ('"a, b","say ""c"""\n1,2\n3,4', [[1, 2], [3, 4]], ["a, b", 'say "c"'], ""),
    "header of more words than columns": ("time in s  distance\n1 2\n3 4", [[1, 2], [3, 4]], None, ""),
    "units in cells": ("1,5 cm;20 %\n2,5 cm;30 %", [[1.5, 20], [2.5, 30]], None, ","),
    "units without a space": ("1.5°C\t3€\n2.5°C\t4€", [[1.5, 3], [2.5, 4]], None, "."),
    "minus sign": (f"{MINUS}1.5 {MINUS}2\n3 –4", [[-1.5, -2], [3, -4]], None, "."),
    "plus, bare points, exponents": ("+1;.5\n2.;1e-3\n3;-2.5E+4", [[1, 0.5], [2, 0.001], [3, -25000]], None, "."),
    "German exponents": ("1,5e3;,5\n2;1", [[1500, 0.5], [2, 1]], None, ","),
    "Windows line ends": ("1;2\r\n3;4\r\n", [[1, 2], [3, 4]], None, ""),
    "old Mac line ends": ("1;2\r3;4", [[1, 2], [3, 4]], None, ""),
    "byte order mark": (f"{BOM}x,y\n1,2\n3,4", [[1, 2], [3, 4]], ["x", "y"], ""),
    "blank lines": ("\n\n1;2\n\n   \n3;4\n\n", [[1, 2], [3, 4]], None, ""),
    "comments": ("# measured on Monday\n1 2\n# a pause\n3 4", [[1, 2], [3, 4]], None, ""),
    "spaces around": ("   1  2\n  3  4  ", [[1, 2], [3, 4]], None, ""),
    "a third column": ("1;2;9\n3;4;8", [[1, 2], [3, 4]], None, ""),
    "separators at the end": ("1;2;\n3;4;", [[1, 2], [3, 4]], None, ""),
    "one sign that could be either": ("1,234;2,345\n3,456;4,567", [[1.234, 2.345], [3.456, 4.567]], None, ","),
    "whole numbers with zeros in front": ("007;08\n1;2", [[7, 8], [1, 2]], None, ""),
}


@pytest.mark.parametrize("case", READ)
def test_what_is_read(js, case):
    text, rows, names, sign = READ[case]
    table = js(FILE, "readTable", text)
    assert table["problem"] == "" and table["refused"] == [], table
    assert np.array(table["columns"]).T.tolist() == rows
    assert table["names"] == names and table["sign"] == sign


# What is pasted, the rows that are taken, and (line, a part of what is said) of those that are not
REFUSED = {
    "words": ("1;2\nx;4\n5;6", [[1, 2], [5, 6]], [(2, "“x” is no number")]),
    "NaN and infinity": ("1;2\nNaN;4\n5;-inf\n7;8\n9;Infinity", [[1, 2], [7, 8]],
                         [(2, "“NaN” is not"), (3, "“-inf” is not"), (5, "“Infinity” is not")]),
    "empty cells": ("1;2\n;4\n5;\n7;8", [[1, 2], [7, 8]], [(2, "empty"), (3, "empty")]),
    "empty cells between tabs": ("1\t2\n\t4\n5\t\n7\t8", [[1, 2], [7, 8]], [(2, "empty"), (3, "empty")]),
    "too few cells": ("1;2\n3\n5;6", [[1, 2], [5, 6]], [(2, "only one cell")]),
    "a title above the header": ("Our class\nx;y\n1;2\n3;4", [[1, 2], [3, 4]], [(1, "only one cell")]),
    "a second header": ("a;b\nc;d\n1;2\n3;4", [[1, 2], [3, 4]], [(1, "“a” is no number")]),
    "a line of sums below": ("1;2\n3;4\nsum;6", [[1, 2], [3, 4]], [(3, "“sum” is no number")]),
    "too large": ("1;2\n1e999;3\n4;5", [[1, 2], [4, 5]], [(2, "“1e999” is too large")]),
    "dates and times": ("1;2\n2024-05-01;3\n12:30;4\n5;6", [[1, 2], [5, 6]], [(2, "2024-05-01"), (3, "12:30")]),
    "code": ("1;2\n0x10;3\n1+1;4\nalert(1);5\n5;6", [[1, 2], [5, 6]], [(2, "0x10"), (3, "1+1"), (4, "alert(1)")]),
    "two units": ("1 m;2\n3 m;4\n5 km;6", [[1, 2], [3, 4]], [(3, "its unit is “km”, of the others “m”")]),
    "a unit where the others have none": ("1;2\n3;4\n5 km;6", [[1, 2], [3, 4]], [(3, "of the others none")]),
    "wrong thousands": ("1.5;2\n1,23,4;3\n4;5", [[1.5, 2], [4, 5]], [(2, "1,23,4")]),
    "errors of a spreadsheet": ("1;2\n#N/A;3\n#WERT!;3\n4;5", [[1, 2], [4, 5]], [(2, "#N/A"), (3, "#WERT!")]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_lines_that_are_refused(js, case):
    text, rows, refused = REFUSED[case]
    table = js(FILE, "readTable", text)
    assert table["problem"] == "" and np.array(table["columns"]).T.tolist() == rows
    assert [r["line"] for r in table["refused"]] == [line for line, _ in refused]
    for found, (_, part) in zip(table["refused"], refused, strict=True): assert part in found["why"]
    said = js(FILE, "tableReply", table)
    for line, part in refused: assert f"line {line} (" in said and part in said


NOTHING = {
    "nothing": ("", "nothing here"), "white space": (" \n\t\n", "nothing here"),
    "one column": ("1\n2\n3", "There is one column: each line needs two numbers, x and y"),
    "words": ("to be\nor not\nto be", "No line holds two numbers, x and y, such as “1.5; 2”"),
    "one point": ("x;y\n1;2", "One point can be read: 2 are needed"),
    "markup": ("<img src=x onerror=alert(1)>;<b>\n", "No line holds"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_nothing_is_taken(js, case):
    text, message = NOTHING[case]
    table = js(FILE, "readTable", text)
    assert message in table["problem"] and table["columns"] == []
    assert message in js(FILE, "tableReply", table)


def test_ten_thousand_lines(js):
    rows = np.random.RandomState(0).normal(size=(10_000, 2))
    text = "\r\n".join(f"{x!r}\t{y!r}" for x, y in rows.tolist())
    table = js(FILE, "readTable", text)
    assert np.array_equal(np.array(table["columns"]).T, rows) and not table["refused"]
    assert "10,000 points" in js(FILE, "tableReply", table)
    table = js(FILE, "readTable", text + "\r\n1\t2")
    assert table["columns"] == [] and "10,001 points: 10,000 at most" in table["problem"]
    assert "too long" in js(FILE, "readTable", "1;2\n"*600_000)["problem"]


def test_three_columns(js):
    table = js(FILE, "readTable", "a;b;c\n1,5;2;0\n2,5;3;1\n4;5\n", {"columns": 3})
    assert np.array(table["columns"]).T.tolist() == [[1.5, 2, 0], [2.5, 3, 1]] and table["names"] == ["a", "b", "c"]
    assert table["refused"] == [{"line": 4, "why": "only 2 cells"}]


@pytest.mark.parametrize("text, said", [
    ("x;y\n1,5;2\n3;4", "2 points: x, y. The comma is the decimal sign."),
    ("1;2\n3;4", "2 points."),
    ("1,234;2\n3;4", "2 points. The comma is the decimal sign: 1,234 is less than 1000."),
    ("1.234\t2\n3\t4", "2 points. The point is the decimal sign: 1.234 is less than 1000."),
    ("1.5\t2\n3.125\t4", "2 points."),
    ("1;2;3\n3;4;5", "2 points. Only the first 2 columns are used."),
    ("1;2\n3;4\n" + "x;1\n"*7, "2 points. Left out: line 3 (“x” is no number), line 4 (“x” is no number), "
     "line 5 (“x” is no number), line 6 (“x” is no number), line 7 (“x” is no number) and 2 more."),
])
def test_the_reply(js, text, said):
    assert js(FILE, "tableReply", js(FILE, "readTable", text)) == said
