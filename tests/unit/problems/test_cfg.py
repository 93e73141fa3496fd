"""A network's .cfg: options as C reads them, sections of both DarkNets, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from darkparity.formats.tensor_files import InputError
from darkparity.problems.network import read_cfg
from darkparity.problems.network.section import Layer, Shape


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"the first section must be \[net\]"),
        ("[convolutional]\n", r"the first section must be \[net\]"),
        ("[net]\n", "neither height, width and channels nor inputs"),
        ("[net]\ninputs=3\nrubbish\n", r"net.cfg:3: 'rubbish' is neither"),
        (
            "[net]\ninputs=3\n[hologram]\n",
            r"net.cfg:3: layer 0 \[hologram\]: this kind of section is not read",
        ),
        ("[net]\ninputs=3\n[route]\nlayers=-2\n", r"layer 0 \[route\]: refers to layer -2"),
        ("[net]\ninputs=3\n[connected]\noutput=x\n", r"output='x' is no number"),
        ("[net]\ninputs=3\n[convolutional]\nsize=5\n", r"a window of 5 does not fit into 1"),
        ("[net]\ninputs=3\n[convolutional]\ngroups=2\n", r"groups=2 does not divide the 3 channels"),
    ],
)
def test_a_broken_cfg_names_line_and_layer(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "net.cfg"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_cfg(path)


REFUSED_SIZES = {
    "[net]\nheight=inf\nwidth=2\nchannels=1\n": r"net.cfg:1: \[net\] height='inf' is no number",
    "[net]\ninputs=99999999999\n": "inputs='99999999999' is beyond 2147483647, the largest int",
    "[net]\ninputs=1" + "0" * 5000: "characters left out .* is beyond",
    "[net]\nheight=2\nwidth=2000000000\nchannels=1\n": r"\[net\] comes out as 2000000000x2, .* too large",
    "[net]\ninputs=3\n[upsample]\nstride=0\n": "stride=0 leaves nothing",
    "[net]\ninputs=3\n[reorg]\nstride=2\n": r"\[reorg\]: comes out as 0x0, 12 channels: nothing is left",
    "[net]\ninputs=3\n[upsample]\nstride=-2\n": "nothing is left",
    "[net]\ninputs=3\n[convolutional]\npadding=-1\n": "padding=-1 must be at least 0",
    "[net]\ninputs=3\n[convolutional]\nfilters=2000000000\ndontload=1\n": "too large to be a layer",
    "[net]\ninputs=3\n[crnn]\npad=1\nhidden=2000000000\ndontload=1\n": "too large to be a layer",
    "[net]\ninputs=3\n[convolutional]\nshare_index=0\n[convolutional]\nantialiasing=1\n": "antialiasing='1' is not",
    "[net]\ninputs=3\n[maxpool]\nmaxpool_depth=1\n": "maxpool_depth='1' is not read",
    "[net]\ninputs=3\n[dropout]\n[route]\nlayers=-1\ngroups=2\n": "has no group 0 of 2 in 3 channels",
    "[net]\ninputs=3\n[dropout]\n[route]\nlayers=-1\ngroups=3\ngroup_id=3\n": "has no group 3 of 3",
    "[net]\ninputs=3\n[shortcut]\n": "needs from=",
    "[net]\ninputs=3\n[dropout]\n[sam]\nfrom=x\n": "from='x' is no number",
}


@pytest.mark.parametrize("text", REFUSED_SIZES, ids=lambda t: t[-40:].replace("\n", " "))
def test_sizes_that_no_network_has_name_the_option(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.cfg"
    path.write_text(text)
    with pytest.raises(InputError, match=REFUSED_SIZES[text]):
        read_cfg(path)


def layers_of(tmp_path: Path, text: str) -> list[Layer]:
    (tmp_path / "net.cfg").write_text("[net]\nheight=8\nwidth=8\nchannels=4\n" + text)
    return list(read_cfg(tmp_path / "net.cfg").layers)


def test_options_are_read_as_c_reads_them(tmp_path: Path) -> None:
    """atoi stops at the first letter or point; the first of a name counts; nothing between commas is 0."""
    (layer,) = layers_of(tmp_path, "[convolutional]\nsize=1.\nfilters=1e3\nstride=2.9\nfilters=7\n")
    assert layer.output == (4, 4, 1)
    layers = layers_of(tmp_path, "[upsample]\nstride=1\n[reorg]\nstride=1\n[route]\nlayers=-1,\n")
    assert [source.index for source in Shape({"layers": "-1,"}, (8, 8, 4), layers[:2]).sources("layers")] == [1, 0]
    assert layers[2].output == (8, 8, 8)


def test_alexeyabs_sections(tmp_path: Path) -> None:
    layers = layers_of(tmp_path, "[avgpool]\n[scale_channels]\nfrom=-1\n[upsample]\n[sam]\nfrom=0\n"
                                 "[shortcut]\nfrom=-2,0\nweights_type=per_channel\n")  # fmt: skip
    assert [layer.output for layer in layers] == [(1, 1, 4), (1, 1, 4), (2, 2, 4), (1, 1, 4), (1, 1, 4)]
    assert layers[4].parts[0].arrays == (("weights", 12),)
    own = "[crnn]\noutput=6\nhidden=2\nbatch_normalize=1\n"
    (forked,), (original,) = (layers_of(tmp_path, text) for text in (
        own, own.replace("output", "output_filters").replace("hidden", "hidden_filters")))  # fmt: skip
    assert [part.size for part in forked.parts] == [(6, 6, 2), (4, 4, 2), (2, 2, 6)]
    assert [part.size for part in original.parts] == [(8, 8, 2), (8, 8, 2), (8, 8, 6)]
    weights = [dict(part.arrays)["weights"] for part in original.parts]
    assert weights == [4 * 2 * 9, 2 * 2 * 9, 2 * 6 * 9]
    assert [part.suffix for part in original.parts] == ["input", "self", "output"]
