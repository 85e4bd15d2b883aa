"""What the benches against other Python libraries share: the model's weights in the forms that each takes, and hooks."""
import os
import pathlib
import subprocess
import sys
import tempfile
import types

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def real_model():
    """Where `make real-model` put SmolLM2; ends the program if it is not there."""
    gguf = subprocess.run([ROOT / "scripts/real-model", "--cached"], capture_output=True, text=True)
    if gguf.returncode != 0:
        sys.exit(gguf.stderr.strip())
    return gguf.stdout.strip()


def load_model(path):
    """The golden script's loader, in single precision and with transformers' fastest attention."""
    source = (ROOT / "tests/golden/model/make_hidden_states.py").read_text()
    module = types.ModuleType("golden")
    source = source[: source.rindex("\nmain()")]
    exec(source.replace('"eager"', '"sdpa"').replace("float64", "float32"), module.__dict__)
    return module.load(path)


def write_directory(gguf, directory):
    """The GGUF's weights in single precision and its tokenizer, as Hugging Face's from_pretrained reads them."""
    from transformers import AutoTokenizer

    model = load_model(gguf)
    model.config.tie_word_embeddings = True  # as in SmolLM2's own files: the GGUF has no output.weight
    model.config.dtype = "float32"
    model.tie_weights()
    model.save_pretrained(directory)
    AutoTokenizer.from_pretrained(*os.path.split(gguf)[:1], gguf_file=os.path.basename(gguf)).save_pretrained(directory)


def write_gguf(gguf, out, kind):
    """The same weights, dequantised, then in `kind` ("F32", "Q8_0", "Q4_0") where they are matrices."""
    from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, dequantize, quantize

    reader = GGUFReader(gguf)
    writer = GGUFWriter(out, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if not name.startswith("GGUF.") and name not in ("general.architecture", "general.file_type"):
            of_items = field.types[-1] if len(field.types) > 1 else None
            writer.add_key_value(name, field.contents(), field.types[0], of_items)
    writer.add_file_type(LlamaFileType["ALL_F32" if kind == "F32" else f"MOSTLY_{kind}"])
    for tensor in reader.tensors:
        values, to = dequantize(tensor.data, tensor.tensor_type), GGMLQuantizationType[kind]
        if values.ndim < 2:
            to = GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, quantize(values, to), raw_dtype=to)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tensor_of(output):
    return output[0] if isinstance(output, tuple) else output


def lens_boot(model, directory=None):
    """TransformerLens on a model of transformers; the tokenizer is the directory's, or one that knows no words."""
    from transformer_lens.model_bridge import TransformerBridge
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    if directory is None:
        from tokenizers import Tokenizer, models

        # Tokens are given as ids; a tokenizer that knows no words stands in for the one it would fetch.
        words = {f"<{i}>": i for i in range(model.config.vocab_size)}
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(words, unk_token="<0>")),
                                            unk_token="<0>", bos_token="<1>", eos_token="<2>", pad_token="<2>")
        directory = tempfile.mkdtemp()
        model.config.architectures = [type(model).__name__]
        model.config.save_pretrained(directory)
        tokenizer.save_pretrained(directory)
    return TransformerBridge.boot_transformers(directory, hf_model=model,
                                               tokenizer=AutoTokenizer.from_pretrained(directory))


def peak_mb():
    """Of this program: getrusage's would be at least what the process had that started it."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def versions(*packages):
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for package in packages or ("torch", "transformers", "nnsight", "transformer-lens"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} is not installed")
    return ", ".join(found)
