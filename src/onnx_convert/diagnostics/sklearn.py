"""OCA271-OCA277 and OCA340-OCA343: scikit-learn, XGBoost and LightGBM."""

from __future__ import annotations

from onnx_convert.diagnostics.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="OCA271",
        title="the estimator takes no tensor",
        severity="error",
        hint="put the table that it makes into the spec as the input, and convert what follows",
        cause=(
            "DictVectorizer and FeatureHasher take Python dictionaries or lists of varying length. ONNX has no input "
            "of that kind that other runtimes take."
        ),
        remedy="Make the table outside the model, and convert the steps after it.",
    ),
    Entry(
        code="OCA272",
        title="columns of different kinds in one input",
        severity="error",
        hint="give each column an input of its own, under the name that the estimator was fitted with",
        cause=(
            "The estimator was fitted on a table with columns of text and of numbers. A tensor has one dtype, so that "
            "one input cannot hold them."
        ),
        remedy=(
            'Give every column its own input: `inputs.age = { shape = ["batch", 1] }`, `inputs.city = { shape = '
            '["batch", 1], dtype = "string", values = [...] }`.'
        ),
    ),
    Entry(
        code="OCA273",
        title="a category that the encoder has not seen",
        severity="error",
        hint='give the categories with `values` or real samples with `data`, or fit with handle_unknown="ignore"',
        cause=(
            "A value of the inputs was not among the data that the encoder was fitted on, and it is told to raise "
            "then. Random text is never a known category."
        ),
        remedy=(
            "List the categories under `inputs.NAME.values`, or give real samples with `data`. Fit the encoder with "
            '`handle_unknown="ignore"` if unknown ones may come: ONNX cannot raise for them.'
        ),
    ),
    Entry(
        code="OCA274",
        title="the converter leaves out a part of the trees",
        severity="warning",
        hint="expect parity to fail, and train without it",
        cause=(
            "skl2onnx and onnxmltools write some trees without an error and without all that is in them: splits by "
            "category of HistGradientBoosting are written as comparisons with a number, and the trees of LightGBM's "
            "`boosting_type='rf'` are not averaged."
        ),
        remedy=(
            "Encode categories before the trees (OrdinalEncoder without `categorical_features`, OneHotEncoder). Use "
            "scikit-learn's or XGBoost's random forest."
        ),
    ),
    Entry(
        code="OCA275",
        title="the file needs another version of scikit-learn",
        severity="error",
        hint="save it again with a current version, or name the old one under the model's `requirements`",
        cause=(
            "The pickle names modules, or arrays of a layout, that this version of scikit-learn does not have. Pickles "
            "hold for the version that wrote them."
        ),
        remedy=(
            "Load it with the version that wrote it and fit it again with a current one, or save it as .skops. The "
            "message has what is missing."
        ),
    ),
    Entry(
        code="OCA276",
        title="the text vectoriser has settings without a converter",
        severity="error",
        hint='use analyzer="word", strip_accents=None and no function of your own',
        cause=(
            "ONNX splits text by a regular expression and lowers it. `strip_accents`, functions for preprocessing or "
            "tokens, and stop words with spaces have no counterpart."
        ),
        remedy=(
            "Do that part before the model, on the text itself, and fit the vectoriser without it. Where n-grams are "
            "ambiguous, fit `skl2onnx.sklapi.TraceableTfidfVectorizer` instead."
        ),
        upstream=("https://github.com/onnx/sklearn-onnx/issues/1019",),
    ),
    Entry(
        code="OCA277",
        title="samples at thresholds of trees agree",
        severity="note",
        hint="nothing has to be done",
        cause=(
            "Beside the samples of the spec, the trees were tried where they decide: on thresholds, and one float32 "
            "step to either side. ONNX took the same branch everywhere."
        ),
        remedy="Nothing has to be done.",
    ),
    Entry(
        code="OCA340",
        title="the converter does not cover this setting",
        severity="error",
        hint="choose another setting of the estimator",
        cause="There is a converter for the estimator, but not for one of the parameters that it was fitted with.",
        remedy="The message names the parameter as the converter does. Fit the estimator with another value.",
    ),
    Entry(
        code="OCA341",
        title="a function of your own has no ONNX",
        severity="error",
        hint="write it with estimators of scikit-learn, or do it before the model",
        cause=(
            "A FunctionTransformer calls Python code. skl2onnx converts estimators by what they have learned; it does "
            "not read code."
        ),
        remedy=(
            "Use an estimator that does the same (PowerTransformer, Binarizer, PolynomialFeatures, KBinsDiscretizer), "
            "leave the function out where it is the identity, or apply it before the model."
        ),
    ),
    Entry(
        code="OCA342",
        title="float32 cannot tell on which side a sample lies",
        severity="warning",
        hint='declare `dtype = "float64"`, or accept a few labels with `min-agreement`',
        cause=(
            "The estimator computes in float64, and for some samples its score is so close to the boundary that "
            "float32, in which most ONNX operators for estimators compute, may fall on the other side."
        ),
        remedy=(
            'Declare the inputs as `dtype = "float64"` where the estimator\'s operators have it (linear models, '
            "Gaussian processes, clusters; not the SVM operator). Else set `min-agreement`, knowing which samples "
            "these are."
        ),
    ),
    Entry(
        code="OCA343",
        title="samples at thresholds of trees go another way",
        severity="warning",
        hint="see which features in the message; feed float32 values where you can",
        cause=(
            "scikit-learn compares with a threshold in float64, ONNX in float32. Samples on a threshold, or one step "
            "beside it, took another branch in ONNX. Thresholds are rounded so that this cannot happen to float32 "
            "inputs of a tree that sees them as they are: another reason is a leaf's value or a converter."
        ),
        remedy=(
            "The message has the number of such samples, and features and thresholds of the first. If values of that "
            "feature lie on a grid (whole numbers, cents), they do meet thresholds."
        ),
        upstream=(
            "https://github.com/onnx/sklearn-onnx/issues/1192",
            "https://github.com/scikit-learn/scikit-learn/issues/27535",
        ),
    ),
)
