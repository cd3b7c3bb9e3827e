import marshmallow.fields as marshmallow
import pytest
from marshmallow import Schema, ValidationError

from mods import api
from mods.config import Config
from mods.deepaas import fields
from mods.deepaas.guard import NotFound
from mods.request import ForecastRequest, Given, TrainRequest
from mods.settings import settings


def schema(arguments):
    return Schema.from_dict(arguments)()


@pytest.fixture
def train():
    return schema(api.get_train_args())


def refused(schema, **values):
    with pytest.raises(ValidationError) as caught:
        schema.load({"model_name": "a", **values})
    return caught.value.messages


SERVED = [one for one in (*settings(TrainRequest), *settings(Config)) if one.rest]


@pytest.mark.parametrize("one", SERVED, ids=lambda one: one.name)
def test_every_setting_of_a_training_has_a_field_with_its_help_and_limits(one):
    field = api.get_train_args()[one.name]
    assert field.metadata["description"].startswith(one.help)
    assert one.limits in field.metadata["description"]
    assert field.required == one.required
    assert one.required or field.metadata["doc_default"] == one.default


def test_settings_that_are_not_for_rest_have_no_field():
    from mods.request import Source

    assert fields.declared(Source) == {}
    assert {"picture", "tensorboard"}.isdisjoint(api.get_train_args())


def test_what_is_not_sent_is_not_filled_in_so_that_it_is_known_what_was_asked_for(train):
    assert train.load({"model_name": "a", "num_epochs": 20}) == {
        "model_name": "a",
        "num_epochs": 20,
    }


def test_what_deepaas_cli_marks_as_missing_was_not_sent(train):
    unsent = train.fields["blocks"].load_default
    assert fields.sent({"model_name": "a", "blocks": unsent}) == {"model_name": "a"}


def test_text_from_a_query_string_becomes_values(train):
    loaded = train.load(
        {
            "model_name": "a",
            "steps_ahead": "6",
            "dropout_rate": "0.5",
            "model_delta": "false",
            "train_time_ranges_excluded": ["<2019-05-01,2019-05-02)", "<2019-05-04,2019-05-05)"],
        }
    )
    assert (loaded["steps_ahead"], loaded["dropout_rate"], loaded["model_delta"]) == (6, 0.5, False)
    assert len(loaded["train_time_ranges_excluded"]) == 2


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("steps_ahead", "0", "0 is out of range. Give 1 to 1000."),
        ("steps_ahead", "six", "Not a whole number. Give 1 to 1000."),
        ("steps_ahead", "5_0", "Not a whole number. Give 1 to 1000."),
        ("steps_ahead", "\u0665", "Not a whole number. Give 1 to 1000."),
        ("steps_ahead", 6.7, "Not a whole number. Give 1 to 1000."),
        ("steps_ahead", True, "Not a whole number. Give 1 to 1000."),
        ("steps_ahead", float("inf"), "Not a whole number. Give 1 to 1000."),
        ("steps_ahead", None, "No value given."),
        ("batch_size", "", "Not a whole number. Give 1 to 1000000."),
        ("dropout_rate", "nan", "Not a number. Give 0.0 to 0.95."),
        ("model_delta", "perhaps", "Not true or false. Give true or false."),
        ("window_slide", "w10m-s01h", "a window of 600 s cannot slide by 3600 s."),
        ("data_select_query", "conn|a~b~c", "names no column."),
        ("train_time_range", "<2019-06-01,2019-05-01)", "is reversed"),
        ("model_name", "../etc", "Use 1 to 100 letters"),
        ("model_name", "/etc/passwd", "Use 1 to 100 letters"),
        ("model_name", "week\x00", "Use 1 to 100 letters"),
        ("model_name", "week\uff0fetc", "Use 1 to 100 letters"),
        ("model_name", "a" * 90, "21 of the 100 characters belong to the time stamp"),
    ],
)
def test_what_is_wrong_is_refused_with_the_reason_and_what_is_allowed(train, name, value, reason):
    messages = refused(train, **{name: value})
    assert list(messages) == [name]
    assert len(messages[name]) == 1
    assert reason in messages[name][0]


def test_unknown_network_is_refused_naming_those_there_are(train):
    (reason,) = refused(train, model_type="Transformer9")["model_type"]
    assert "'Transformer9' is not known. Give one of" in reason
    assert "LSTM" in reason
    assert "LSTM" in api.get_train_args()["model_type"].metadata["enum"]


def test_wrong_exclusion_is_refused(train):
    messages = refused(train, test_time_ranges_excluded=["<2019-05-01,2019-05-02)", "yesterday"])
    assert "'yesterday' is no time range" in messages["test_time_ranges_excluded"][0]


@pytest.mark.parametrize("given", [[0.1, 0.9], ["0.1", "0.9"], ["0.1,0.9"], [0.1, "0.9"]])
def test_list_of_numbers_is_read_from_json_and_from_text(given):
    quantiles = settings(ForecastRequest)
    (one,) = (one for one in quantiles if one.name == "quantiles")
    loaded = schema({"quantiles": fields.field(one)}).load({"quantiles": given})
    assert one.read(loaded["quantiles"]) == (0.1, 0.9)


@pytest.mark.parametrize("wrong", [2, "many", None, True, {"a": 1}, [0.5], float("nan")])
def test_wrong_item_of_a_list_is_a_reason_of_its_field(wrong):
    predict = schema({**api.get_predict_args(), "model_name": marshmallow.String()})
    (reason,) = refused(predict, quantiles=[0.5, wrong])["quantiles"]
    assert "0.001 to 0.999" in reason


def test_name_is_required(train):
    with pytest.raises(ValidationError, match="model_name"):
        train.load({})


def test_unknown_model_is_a_404_that_names_the_known(monkeypatch, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.zip").touch()
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)
    predict = schema(api.get_predict_args())
    with pytest.raises(NotFound, match="small"):
        predict.load({"model_name": "nobody"})
    (tmp_path / "models" / "nobody.zip").touch()
    assert predict.load({"model_name": "nobody"})["accept"] == "application/json"


def test_accept_stands_last_as_deepaas_wants_it():
    assert list(api.get_predict_args())[-1] == "accept"
    known = {one.name for cls in (ForecastRequest, Given) for one in settings(cls)}
    assert set(api.get_predict_args()) == known | {"data", "accept"}
