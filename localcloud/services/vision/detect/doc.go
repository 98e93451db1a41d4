// Package detect looks at the pixels of one picture and says what can honestly be measured there: faces (a trained cascade),
// regions that stand out from their surroundings (image segmentation and saliency, no learned categories), and colours.
//
// It knows nothing of OCI but the limits of its image analysis. Every answer is a function of the picture's bytes alone: the same
// bytes give the same answer. Boxes are in shares of the picture's width and height, as a viewer shows it (Exif orientation
// applied).
package detect
