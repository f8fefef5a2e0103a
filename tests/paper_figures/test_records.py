import pytest

from paper_figures.records import COMMANDS, MissingRecordError, command, find, folders
from simulations.records import Record, RecordError
from tests.paper_figures import synthetic


def test_finds_the_most_thorough_profile(tmp_path):
    smoke, quick = synthetic.mnist_rotation(1), synthetic.mnist_rotation(2)
    smoke.save(tmp_path / "mnist_rotation-smoke.json")
    assert find("mnist_rotation", (tmp_path,)) == smoke
    quick.save(tmp_path / "mnist_rotation-quick.json")
    assert find("mnist_rotation", (tmp_path,)) == quick


def test_missing_record_names_the_command(tmp_path):
    with pytest.raises(MissingRecordError) as caught:
        find("mnist_rotation", (tmp_path,))
    assert f"record 'mnist_rotation' not found in {tmp_path}; make it with: " in str(caught.value)
    command = COMMANDS["mnist_rotation"].replace("DIR", str(tmp_path))
    assert str(caught.value).endswith(f"make it with: {command}")


def test_a_record_names_the_command_that_made_it():
    made = Record("mnist_rotation", {"profile": "full"}, [])
    assert command(made) == "tradeoff sweep mnist-rotation --profile full --out DIR"
    rows = [{"seed": 3}, {"seed": 4}, {"seed": 4}]
    other = Record("mnist_rotation", {"profile": "full", "seed": 3}, rows)
    assert " --profile full --seed 3 --seeds 2 --out DIR" in command(other)
    assert command(Record("connection", {}, [])).startswith("tradeoff connect --profile quick")


def test_refuses_a_truncated_record(tmp_path):
    path = synthetic.mnist_rotation().save(tmp_path / "mnist_rotation-quick.json")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(RecordError, match="is not JSON, truncated perhaps"):
        find("mnist_rotation", (tmp_path,))


def test_refuses_an_altered_record(tmp_path):
    path = synthetic.mnist_rotation().save(tmp_path / "mnist_rotation-quick.json")
    path.write_text(path.read_text().replace('"trials":1000', '"trials":1001', 1))
    with pytest.raises(RecordError, match="does not match its digest; run the experiment again"):
        find("mnist_rotation", (tmp_path,))


def test_refuses_the_record_of_another_experiment(tmp_path):
    synthetic.orientation_texture().save(tmp_path / "mnist_rotation-quick.json")
    with pytest.raises(ValueError, match="must be of experiment 'mnist_rotation', got 'orient"):
        find("mnist_rotation", (tmp_path,))


def test_folders_of_the_packages_hold_results():
    assert [place.parent.name for place in folders()] == ["simulations", "empirical"]
    assert {place.name for place in folders()} == {"results"}


def test_refuses_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(ValueError, match=r"must be a folder, got .*which does not exist"):
        folders(tmp_path / "nowhere")
