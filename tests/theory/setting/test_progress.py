from theory.setting.progress import shares


def test_parts_are_told_as_shares_of_the_whole():
    told = []
    part = shares(lambda done, total: told.append((done, total)), 5)
    first, rest = part(0, 1), part(1, 4)
    first(1, 2)
    first(2, 2)
    rest(1, 3)
    rest(3, 3)
    assert told == [(500, 5000), (1000, 5000), (2333, 5000), (5000, 5000)]


def test_who_asked_for_nothing_is_told_nothing():
    assert shares(None, 3)(0, 1) is None
