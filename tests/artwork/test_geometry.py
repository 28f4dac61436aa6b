"""Test affine transforms."""

from certbeam.artwork.geometry import Matrix, fit_box


def test_the_product_of_two_transforms_applies_the_second_one_first():
    scaled_then_moved = Matrix(e=10, f=20) @ Matrix(a=2, d=3)
    assert scaled_then_moved == Matrix(a=2, d=3, e=10, f=20)
    assert Matrix(a=2, d=3) @ Matrix(e=10, f=20) == Matrix(a=2, d=3, e=20, f=60)


def test_a_box_is_scaled_by_the_tighter_side_and_centred_on_the_other():
    assert fit_box(10, 20, 100, 200, 60, 40) == Matrix(a=2, d=2, e=100 + 20, f=200)
    assert fit_box(20, 10, 100, 200, 40, 60) == Matrix(a=2, d=2, e=100, f=200 + 20)
