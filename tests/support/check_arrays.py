"""check_arrays.py STUDY DIR MIN_MENTIONS [SET=MIN_MENTIONS ...]: DIR/KIND.{npz,safetensors} of all traces, and
DIR/means-SET.npz, against STUDY/reps, computed anew with NumPy."""
import json
import struct
import sys

import numpy as np

study, where, least = sys.argv[1:4]
sets = [(name, int(n)) for name, n in (word.split("=") for word in sys.argv[4:])]


def safetensors(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header, data = json.loads(data[8 : 8 + n]), data[8 + n :]
    facts = header.pop("__metadata__", {})
    types = {"F32": "<f4", "F64": "<f8", "I32": "<i4"}
    arrays = {
        name: np.frombuffer(data[slice(*t["data_offsets"])], types[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items()
    }
    return arrays, facts


both = {}
for kind in ["sums", "means", "centred", "cross"]:
    arrays, facts = safetensors(f"{where}/{kind}.safetensors")
    npz = np.load(f"{where}/{kind}.npz")
    assert set(npz) == set(arrays) | set(facts), (set(npz), set(arrays), set(facts))
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, npz[name])
        assert values.dtype == npz[name].dtype
        axes = json.loads(facts["axes." + name])
        assert axes == npz["axes." + name].tolist() and len(axes) == values.ndim, name
    for name in ["namings", "concepts", "concept_kinds"]:
        assert json.loads(facts[name]) == npz[name].tolist()
    assert str(npz["site"]) == facts["site"] == "block"
    both[kind] = npz

s = both["sums"]
stored = [safetensors(f"{study}/reps/{n}-all.safetensors")[0] for n in s["namings"]]
np.testing.assert_array_equal(s["sums"], np.stack([t["sums"] for t in stored]).transpose(2, 3, 0, 1, 4))
counts = np.stack([t["counts"] for t in stored]).transpose(2, 0, 1)
np.testing.assert_array_equal(s["counts"], counts)
np.testing.assert_array_equal(s["timestamps"], stored[0]["times"])
assert s["layers"].tolist() == list(range(1, len(s["sums"]) + 1))



def means_of(sums, counts, least):
    with np.errstate(all="ignore"):
        return np.where(counts[None, ..., None] >= least, sums / counts[None, ..., None], np.nan).astype("f4")


means = means_of(s["sums"], counts, int(least))
np.testing.assert_array_equal(both["means"]["means"], means)

centred = np.full(means.shape, np.nan)
for kind in set(s["concept_kinds"]):
    of = s["concept_kinds"] == kind
    centred[:, :, :, of] = means[:, :, :, of] - means[:, :, :, of].astype("f8").mean(3, keepdims=True)
np.testing.assert_allclose(both["centred"]["centred"], centred, rtol=1e-5, atol=1e-5)
assert np.isnan(centred).any() and not np.isnan(centred).all()


def cross(left_out):
    use = s["namings_used"].astype(bool)
    if left_out is not None:
        use[left_out] = False
    there = ~np.isnan(centred[:, :, use])
    with np.errstate(all="ignore"):
        return np.where(there, centred[:, :, use], 0).sum(2) / there.sum(2)


x = both["cross"]
np.testing.assert_allclose(x["cross_all"], cross(None), rtol=1e-4, atol=1e-5)
for naming in range(len(s["namings"])):
    np.testing.assert_allclose(x["cross_loo"][:, :, naming], cross(naming), rtol=1e-4, atol=1e-5)
there = ~np.isnan(centred[0, ..., 0]) & s["namings_used"].astype(bool)[None, :, None]
np.testing.assert_array_equal(x["namings_all"], there.sum(1))

for name, fewest in sets:
    of = np.load(f"{where}/means-{name}.npz")
    stored = [safetensors(f"{study}/reps/{n}-{name}.safetensors")[0] for n in of["namings"]]
    counts = np.stack([t["counts"] for t in stored]).transpose(2, 0, 1)
    want = means_of(np.stack([t["sums"] for t in stored]).transpose(2, 3, 0, 1, 4), counts, fewest)
    np.testing.assert_array_equal(of["means"], want)
    assert str(of["traces"]) == name and not np.isnan(want).all(), name
    if fewest != int(least):  # all traces' minimum would give others
        assert ((counts >= fewest) != (counts >= int(least))).any(), name
