from __future__ import annotations

import pytest

from guide.diagrams.outlines import recognize
from guide.diagrams.paths import move, parse, simplify, write


def shortened(data: str) -> str:
    return write(simplify(parse(data)))


def test_numbers_keep_two_decimals_and_no_idle_characters():
    assert write(parse("M 0.5,-0.004 L 10.126,20.999")) == "M.5 0L10.13 21"


def test_relative_commands_become_absolute():
    assert write(parse("m1,1 l2,0 v3 h-2 z")) == "M1 1H3V4H1Z"
    assert write(parse("M0 0 q2,2 4,0 t4,0")) == "M0 0Q2 2 4 0Q6 -2 8 0"
    assert write(parse("M0 0 c0,1 3,1 4,0 s3,1 4,0")) == "M0 0C0 1 3 1 4 0C5 -1 7 1 8 0"


def test_an_arc_moves_without_changing_its_radii():
    assert write(move(parse("M0 0a5,6 0 0 1 10,10"), 1, 2)) == "M1 2A5 6 0 0 1 11 12"


def test_curves_that_are_straight_become_one_line():
    assert shortened("M5,57L5,61C5,65,5,73,5,81C5,89,5,96,5,103") == "M5 57V103"


def test_a_real_bend_stays():
    assert shortened("M0,0C0,10,10,10,10,20") == "M0 0C0 10 10 10 10 20"
    assert shortened("M0 0L10 0L10 10") == "M0 0H10V10"


def test_a_stroke_drawn_twice_is_drawn_once_and_joined():
    twice = "M0 0C1 0,2 0,10 0M0 0C3 0,4 0,10 0M10 0C10 1,10 2,10 8M10 0C10 3,10 4,10 8"
    assert shortened(twice) == "M0 0H10V8"


@pytest.mark.parametrize("data", ["M1", "1 2", "M1 2 X3", "M0 0 L1 2 3 Z"])
def test_what_is_not_path_data_is_refused(data: str):
    with pytest.raises(ValueError, match="not path data"):
        parse(data)


def test_an_outline_of_four_corners_is_a_rectangle():
    outline = parse("M-5 -2 L5 -2 L5 2 L-5 2")
    assert recognize(outline) == ("rect", {"x": "-5", "y": "-2", "width": "10", "height": "4"})


def test_an_outline_of_many_points_at_one_distance_is_a_circle():
    from math import cos, pi, sin

    points = [f"{7 * cos(t * pi / 12):.5f} {7 * sin(t * pi / 12):.5f}" for t in range(24)]
    assert recognize(parse("M" + "L".join(points))) == ("circle", {"cx": "0", "cy": "0", "r": "7"})


def test_a_hexagon_is_left_as_it_is():
    assert recognize(parse("M0 5 L3 0 L9 0 L12 5 L9 10 L3 10")) is None
