//! What is loaded from the output of the AWS CLI.

use serde_json::{Value, json};

use super::document::read;
use super::*;
use crate::emr::model::status::ClusterState;

fn load(text: &str) -> Result<(Vec<Cluster>, Vec<String>), String> {
    let mut loader = Loader::default();
    read(text.as_bytes(), &mut loader)?;
    let notes = loader.end_file();
    Ok((loader.finish().clusters, notes))
}

fn refusal(text: &str) -> String {
    load(text).map(|(clusters, _)| clusters.len()).unwrap_err()
}

fn cluster(id: &str) -> Value {
    json!({"Id": id, "Name": "n", "Status": {"State": "WAITING"}})
}

#[test]
fn missing_members_get_defaults_and_unknown_ones_are_kept() {
    let mut described = cluster("j-A");
    described["Applications"] = json!([{"Name": "Spark"}]);
    let (clusters, notes) = load(&json!({"clusters": [{"Cluster": described}]}).to_string()).unwrap();
    let description = &clusters[0].description;
    assert_eq!(description.status.state, ClusterState::Waiting);
    assert_eq!(description.step_concurrency_level, 1);
    assert_eq!(description.rest["Applications"][0]["Name"], "Spark");
    assert_eq!(notes, [""; 0]);
}

#[test]
fn every_form_that_the_cli_prints_is_loaded() {
    let [a, b] = ["j-A", "j-B"].map(cluster);
    for text in [
        json!({"clusters": [{"Cluster": a}, {"Cluster": b}]}).to_string(),
        json!({"Clusters": [a, b], "ResponseMetadata": {}}).to_string(),
        json!([a, {"Cluster": b}, null]).to_string(),
        format!("{}\n{}", json!({"Cluster": a}), json!({"Cluster": b})),
        format!("{a}{b}"),
        // `ListClusters` may come before or after `DescribeCluster`.
        format!("{}{}", json!([{"Cluster": a}, {"Cluster": b}]), json!({"Clusters": [a, b]})),
        format!("{}{}", json!({"Clusters": [a, b]}), json!({"Cluster": b})),
    ] {
        let (clusters, notes) = load(&text).unwrap();
        assert_eq!(clusters.iter().map(Cluster::id).collect::<Vec<_>>(), ["j-A", "j-B"], "{text}");
        assert_eq!(notes, [""; 0], "{text}");
    }
}

#[test]
fn a_list_belongs_to_the_cluster_around_it_or_else_before_it() {
    let steps = json!({"Steps": [{"Id": "s-2", "Status": {"Timeline": {"CreationDateTime": 2}}}]});
    let more = json!({"Steps": [{"Id": "s-1", "Status": {"Timeline": {"CreationDateTime": 1}}}]});
    let mut inside = cluster("j-B");
    inside["Steps"] = json!([more["Steps"][0], steps["Steps"][0]]);
    let texts = [
        format!("{}{steps}{more}", json!({"Cluster": cluster("j-B")})),
        json!({"Cluster": inside}).to_string(),
        json!({"Cluster": cluster("j-B"), "Steps": {"Steps": inside["Steps"]}}).to_string(),
    ];
    for text in texts {
        let (clusters, _) = load(&text).unwrap();
        let ids: Vec<_> = clusters[0].steps.all().iter().map(|step| step.id.clone()).collect();
        assert_eq!(ids, ["s-1", "s-2"], "{text}");
    }
}

#[test]
fn instances_are_made_to_match_the_counts_unless_they_are_recorded() {
    let mut described = cluster("j-A");
    described["Status"]["Timeline"] = json!({"CreationDateTime": 1, "ReadyDateTime": 2});
    let groups = json!([{"Id": "ig-A", "InstanceGroupType": "CORE", "InstanceType": "m5.xlarge",
        "RequestedInstanceCount": 3, "RunningInstanceCount": 2}]);
    let mut entry = json!({"Cluster": described, "InstanceGroups": groups});
    let count = |entry: &Value| load(&entry.to_string()).unwrap().0[0].instances.len();
    assert_eq!(count(&entry), 2);
    entry["Instances"] = json!([]);
    assert_eq!(count(&entry), 0);
}

#[test]
fn null_members_mean_absent_ones() {
    let mut described = cluster("j-A");
    described["LogUri"] = Value::Null;
    described["Tags"] = Value::Null;
    described["InstanceGroups"] = Value::Null;
    let entry = json!({"Cluster": described, "Steps": null, "AutoTerminationPolicy": null});
    let (clusters, _) = load(&json!({"clusters": [entry]}).to_string()).unwrap();
    assert_eq!(clusters[0].description.tags, []);
}

#[test]
fn what_cannot_be_kept_is_reported() {
    let mut described = cluster("j-A");
    described["Status"]["Timeline"] = json!({"PausedDateTime": 1});
    let entry = json!({"Cluster": described, "From": "a file"});
    let (_, notes) = load(&json!({"clusters": [entry], "Marker": "x"}).to_string()).unwrap();
    let expected = [
        "left out, because clusters have no such member: `From` (1 times)",
        "a list ends with `Marker` (1 times): EMR has more pages",
        "left out, because clusters have no such member: `Timeline.PausedDateTime` (1 times)",
    ];
    assert_eq!(notes, expected);
}

#[test]
fn an_error_names_its_place_in_the_file() {
    let of = |value: Value| refusal(&json!({"clusters": [value]}).to_string());
    assert_eq!(of(json!({"Cluster": {"Status": {}}})), "clusters[0].Cluster: missing field `Id`");
    let steps = json!([{"Id": "s-A", "Status": {"State": "PANIC"}}]);
    let refused = of(json!({"Cluster": cluster("j-A"), "Steps": steps}));
    assert!(refused.starts_with("clusters[0].Steps[0].Status.State: unknown variant `PANIC`"), "{refused}");
    assert!(of(json!({"Cluster": cluster("../x")})).contains("not the id of a cluster"));
    assert!(of(json!({"Name": "x"})).starts_with("clusters[0]: not a cluster"));
    assert!(of(json!({"Cluster": cluster("j-A"), "Steps": [{"Id": "s-A"}, {"Id": "s-A"}]})).contains("two steps s-A"));
}

#[test]
fn input_that_is_no_account_is_refused() {
    assert!(refusal("{\"Volumes\": []}").starts_with("neither a cluster nor a list"));
    assert!(refusal("{\"Steps\": []}").starts_with("no cluster comes before the list (Steps)"));
    assert!(refusal("3").contains("output of the AWS CLI about clusters"));
    assert!(refusal("").contains("EOF"));
    assert!(refusal("{\"clusters\": []} x").contains("expected value at line 1"));
    assert!(
        refusal(&format!("{}{}", json!({"Cluster": cluster("j-A")}), json!({"Cluster": cluster("j-A")})))
            .contains("two clusters j-A")
    );
}

#[test]
fn objects_of_s3_are_loaded_beside_clusters() {
    let object = json!({"Bucket": "b", "Key": "k", "LastModified": "2026-01-01T00:00:00Z", "Body": "text"});
    let text = json!({"objects": [object], "clusters": [{"Cluster": cluster("j-A")}]}).to_string();
    let mut loader = Loader::default();
    read(text.as_bytes(), &mut loader).unwrap();
    let recorded = loader.finish();
    assert_eq!((recorded.clusters.len(), recorded.objects.len()), (1, 1));
    let unplaced = json!({"objects": [{"Key": "k", "LastModified": "2026-01-01T00:00:00Z"}]}).to_string();
    assert!(refusal(&unplaced).contains("missing field `Bucket`"));
}
