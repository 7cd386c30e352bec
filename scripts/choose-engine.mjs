// Docker where it answers and has the image, or can pull it; otherwise plain processes, and why.
import { isDockerHere, pullImage } from "./docker-here.mjs";

const PROCESS = "the commands run as plain processes of this machine, without isolation";

export async function chooseEngine(image) {
  const { name, why } = await choose(image);
  console.log(`Engine: ${name}, because ${why}.`);
  return name;
}

async function choose(image) {
  if (!(await isDockerHere())) return { name: "process", why: `no Docker socket answers: ${PROCESS}` };
  if (!(await pullImage(image))) return { name: "process", why: `Docker answers, but ${image} is not there and cannot be pulled: ${PROCESS}` };
  return { name: "docker", why: `Docker answers and has ${image}` };
}
